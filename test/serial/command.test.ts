import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DIGITS, IMAGES, temporaryFolder, tritc, tritcJson } from "../commands/run.js";
import { describeWith } from "../verify/toolchains.js";
import { buildFirmware, type Device, type Firmware, startDevice } from "./device.js";

describeWith(["arm-gcc", "qemu-arm"], "verify --port", () => {
  let firmware: Firmware;
  let device: Device;
  beforeAll(async () => {
    firmware = await buildFirmware("arm");
    device = await startDevice(firmware);
  });
  afterAll(async () => {
    await device.stop();
    firmware.remove();
  });

  it("verifies a device alone, and says what it measured", async () => {
    const { code, stdout, stderr } = await tritc(["verify", DIGITS, "--port", device.port]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^tcp:127\.0\.0\.1:\d+ {2}equal, .* ticks of timer \(.* ms\), .* of stack/m,
    );
    expect(stdout).not.toContain("native");
  });

  it("adds it to the targets, and to JUnit's suites", async () => {
    const junit = join(temporaryFolder(), "results.xml");
    const args = ["verify", DIGITS, "--port", device.port, "-t", "native", "--junit", junit];
    const { code, object } = await tritcJson(args);
    expect(code).toBe(0);
    expect(object).toMatchObject({
      equal: true,
      targets: [{ target: "native", equal: true }],
      devices: [{ port: device.port, equal: true, ticks: { name: "timer" } }],
    });
    const xml = readFileSync(junit, "utf8");
    expect(xml).toContain('<testsuite name="native" tests="2" failures="0" errors="0">');
    expect(xml).toContain(`<testsuite name="${device.port}" tests="1" failures="0" errors="0">`);
  });

  it("refuses another network than the device holds", async () => {
    const other = "test/models/depthwise_separable.onnx";
    const { code, stderr } = await tritc(["verify", other, "--port", device.port]);
    expect(code).toBe(6);
    expect(stderr).toContain("device/other-model");
  });

  it("never reports success for a port that is not there", async () => {
    const junit = join(temporaryFolder(), "results.xml");
    const args = ["verify", DIGITS, "--port", "/dev/no-such-port", "--junit", junit];
    const { code, stdout, stderr } = await tritc(args);
    expect(code).toBe(6);
    expect(stdout).toContain("/dev/no-such-port  NOT COMPARED");
    expect(stderr).toContain("device/no-port");
    expect(readFileSync(junit, "utf8")).toContain('failures="0" errors="1"');
  });

  it("says when the device goes away in the middle", async () => {
    const leaving = await startDevice(firmware);
    const attempt = tritc(["verify", DIGITS, "--port", leaving.port, "--inputs", IMAGES]);
    setTimeout(() => void leaving.stop(), 1_500);
    const { code, stderr } = await attempt;
    expect(code).toBe(6);
    expect(stderr).toMatch(/device\/(lost|no-port|no-answer)/);
  });
});
