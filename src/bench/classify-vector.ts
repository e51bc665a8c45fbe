import {
  coreOnly,
  FLAGS,
  listLength,
  NONE,
  type Registers,
  registersIn,
  SP,
  VPR,
} from "./registers.js";
import { type Timing, timing, updatesBase, type Written } from "./timing.js";

const SCALAR = /^[sd]\d/;
const Q = /\bq[0-7]\b/;
const CORE = /\b(r\d+|ip|lr|sb|sl|fp)\b/;

const PRODUCT =
  /^v(mla|mls|mul|qdmul|qrdmul|rmla|rmls|rmul|mulh|mull|qdml|qrdml|fma|fms|cmul|cmla|nmul|nmla|nmls|fnm)/;
/** Sums across a vector that go on from what the core registers hold. */
const GOES_ON = /^v(r?ml[as]l?d?avh?a|r?mlal?vh?a|addl?va|abava?)x?[te]?$/;
/** Those whose sum is in two core registers. */
const LONG_SUM = /^v(r?ml[as]ldav|r?mlalv|addlv)/;
/** Those that change a vector rather than make a new one. */
const CHANGES = /^v(sli|sri|movn[bt]|q(r?sh)?r?u?mov?n|r?shrn|qr?shru?n|qmovu?n|bic$|orr$)/;

/** Floating-point and vector instructions: their names begin with v. */
export function classifyVector(written: Written): Timing {
  return scalarMemory(written) ?? vectorMemory(written) ?? between(written) ?? arithmetic(written);
}

function scalarMemory({ name, operands, first, rest }: Written): Timing | null {
  const load = /^v(ldr|pop|ldm)/.test(name);
  const multiple = /^v(push|pop|ldm|stm)/.test(name);
  if (!multiple && !(/^v(ldr|str)$/.test(name) && SCALAR.test(operands))) return null;
  const list = registersIn(/\{.*\}/.exec(operands)?.[0] ?? "");
  if (!multiple) {
    return load
      ? timing("fp-load", { reads: rest, writes: first, base: rest })
      : timing("fp-store", { reads: first | rest, base: rest });
  }
  const base = /^v(push|pop)/.test(name) ? SP : first;
  const common = { transfers: listLength(operands), base };
  return load
    ? timing("load-multiple", { ...common, reads: base, writes: list })
    : timing("store-multiple", { ...common, reads: base | list });
}

function vectorMemory({ name, operands, first, rest: base }: Written): Timing | null {
  const load = /^v(ldr|ld[24])/.test(name);
  if (!load && !/^v(str|st[24])/.test(name)) return null;
  const list = registersIn(/\{.*\}/.exec(operands)?.[0] ?? "");
  const data = list === NONE ? first : list;
  const updated = updatesBase(operands) ? coreOnly(base) : NONE;
  const common = { base, updatesBase: updated !== NONE };
  const reads = base | predicate(name, NONE);
  return load
    ? timing("vector-load", { ...common, reads, writes: data | updated })
    : timing("vector-store", { ...common, reads: reads | data, writes: updated });
}

/** Predicates, and moves between the two kinds of registers. */
function between({ name, operands, first, rest }: Written): Timing | null {
  const all = first | rest;
  if (/^v(pst[te]*|ctp|pnot)$/.test(name) || name.startsWith("vctp")) {
    return timing("vector-predicate", { reads: all, writes: VPR });
  }
  if (name === "vmsr") return timing("vector-move", { reads: all, writes: VPR | FLAGS });
  if (name === "vmrs") return timing("vector-move", { reads: all | VPR, writes: first | FLAGS });
  if (name.startsWith("vmov") && CORE.test(operands)) {
    return timing("vector-move", { reads: all, writes: first });
  }
  return null;
}

function arithmetic({ name, operands, parts, first, rest }: Written): Timing {
  const all = first | rest;
  if (!Q.test(operands)) {
    if (/^v(fma|fms|mla|mls|fnm|nml)/.test(name)) {
      return timing("fp-multiply-add", { reads: all, writes: first });
    }
    if (/^v(div|sqrt)/.test(name)) return timing("fp-divide", { reads: rest, writes: first });
    return timing("fp", { reads: all, writes: first });
  }
  const long = LONG_SUM.test(name);
  const writes = long ? registersIn(parts.slice(0, 2).join(", ")) : first;
  const sources = long ? registersIn(parts.slice(2).join(", ")) : rest;
  if (PRODUCT.test(name)) {
    const goesOn = GOES_ON.test(name) || /^v(mlas?|mls|fmas?|fms)$/.test(name);
    const reads = sources | (goesOn ? writes : NONE) | predicate(name, writes);
    return timing("vector-multiply", { reads, writes });
  }
  if (/^v(cmp|pt)/.test(name)) return timing("vector-alu", { reads: all, writes: VPR });
  if (name === "vpsel") return timing("vector-alu", { reads: rest | VPR, writes: first });
  // The minimum or maximum across a vector begins with what the core register holds.
  const changes = GOES_ON.test(name) || CHANGES.test(name) || /^v(max|min)a?v|^vshlc/.test(name);
  const reads = sources | (changes ? writes : NONE) | predicate(name, writes);
  return timing("vector-alu", { reads, writes });
}

/** An instruction under a predicate (…t) reads it, and keeps the other lanes of what it writes. */
function predicate(name: string, writes: Registers): Registers {
  return name.endsWith("t") && !/^v(rint|cvt)$/.test(name) ? VPR | writes : NONE;
}
