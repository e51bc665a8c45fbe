import { classifyVector } from "./classify-vector.js";
import { FLAGS, GE, LR, listLength, NONE, PC, registersIn, SP, union } from "./registers.js";
import { type Timing, timing, updatesBase, type Written } from "./timing.js";

/**
 * What an Arm Thumb instruction is to the models of firmware/bench: `mnemonic` and `operands` as
 * objdump writes them, such as `ldrb.w` and `r2, [r1, #1]!`.
 */
export function classify(mnemonic: string, operands: string): Timing {
  const written = pieces(mnemonic, operands);
  for (const rule of RULES) {
    const found = rule(written);
    if (found !== null) return found;
  }
  return alu(written);
}

function pieces(mnemonic: string, operands: string): Written {
  // Commas inside brackets and braces do not part operands.
  const parts = operands === "" ? [] : operands.split(/,(?![^[{]*[\]}])/).map((s) => s.trim());
  return {
    name: mnemonic.split(".")[0] ?? mnemonic,
    operands,
    parts,
    first: registersIn(parts[0] ?? ""),
    rest: registersIn(parts.slice(1).join(", ")),
  };
}

type Rule = (written: Written) => Timing | null;

const CONDITION = "(?:eq|ne|cs|cc|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al)";

const LOAD_MULTIPLE = new RegExp(`^(pop|ldm(ia|fd|db|ea)?)${CONDITION}?$`);
const STORE_MULTIPLE = new RegExp(`^(push|stm(ia|fd|db|ea)?)${CONDITION}?$`);
const DOUBLE = /^(ldr|str)d/;
const SINGLE = new RegExp(`^(ldr|str)(s?[bh]|exb?|exh|t)?${CONDITION}?$`);
const BRANCH = new RegExp(`^(b${CONDITION}?|cbn?z)$`);
const DSP_MULTIPLY =
  /^(sml[as]dx?|smu[as]dx?|smla[bt][bt]|smul[bt][bt]|smlaw[bt]|smulw[bt]|usada?8|smm(ul|la|ls)r?)/;
const DSP_ALU =
  /^([su](h|q)?(add|sub)(8|16)|q(d)?(add|sub)|[su]xt(a)?b16|sel$|pkh[bt][bt]|[su]sat|[sq]?(asx|sax))/;

const RULES: readonly Rule[] = [
  (w) => (w.name.startsWith("v") ? classifyVector(w) : null),
  (w) => (/^it[te]{0,3}$/.test(w.name) ? timing("it", { reads: FLAGS }) : null),
  (w) => (w.name.startsWith("nop") ? timing("nop") : null),
  loop,
  multiple,
  double,
  single,
  branch,
  system,
  product,
  dsp,
];

/** Low-overhead loops of ARMv8.1-M. */
function loop({ name, rest }: Written): Timing | null {
  if (/^(le|letp|lctp)$/.test(name)) return timing("loop-end", { reads: LR, writes: LR });
  return /^(dls|wls)/.test(name) ? timing("loop-start", { reads: rest, writes: LR }) : null;
}

/** LDM, STM, PUSH, POP. */
function multiple({ name, operands, parts, first }: Written): Timing | null {
  const load = LOAD_MULTIPLE.test(name);
  if (!load && !STORE_MULTIPLE.test(name)) return null;
  const onStack = /^(push|pop)/.test(name);
  const base = onStack ? SP : first;
  const list = registersIn(/\{.*\}/.exec(operands)?.[0] ?? "");
  const updated = onStack || (parts[0] ?? "").endsWith("!") ? base : NONE;
  return load
    ? timing("load-multiple", {
        ...{ transfers: listLength(operands), base, updatesBase: true },
        ...{ reads: base, writes: list | updated },
      })
    : timing("store-multiple", {
        ...{ transfers: listLength(operands), base, updatesBase: true },
        ...{ reads: list | base, writes: updated },
      });
}

/** LDRD and STRD. */
function double({ name, operands, parts }: Written): Timing | null {
  if (!DOUBLE.test(name)) return null;
  const data = registersIn(parts.slice(0, 2).join(", "));
  const base = registersIn(parts.slice(2).join(", "));
  const updated = updatesBase(operands) ? base : NONE;
  const common = { transfers: 2, base, updatesBase: updated !== NONE };
  return name.startsWith("ldr")
    ? timing("load-multiple", { ...common, reads: base, writes: data | updated })
    : timing("store-multiple", { ...common, reads: base | data, writes: updated });
}

function single({ name, operands, first, rest: base }: Written): Timing | null {
  if (!SINGLE.test(name)) return null;
  const updated = updatesBase(operands) ? base : NONE;
  const common = { base, updatesBase: updated !== NONE };
  if (name.startsWith("ldr")) {
    return timing("load", { ...common, reads: base, writes: first | updated });
  }
  const indexed = /\[[^\]]*,\s*(r\d+|sb|sl|fp|ip|lr)/.test(operands);
  return timing(indexed ? "store-indexed" : "store", {
    ...common,
    ...{ reads: base | first, writes: updated },
  });
}

function branch({ name, operands, first }: Written): Timing | null {
  const all = registersIn(operands);
  if (name === "bl") return timing("call", { writes: LR });
  if (name === "blx") return timing("jump", { reads: all, writes: LR });
  if (name.startsWith("bx")) return timing("jump", { reads: all });
  // A table of places to go: loaded, then gone to.
  if (/^tb[bh]/.test(name)) return timing("load", { reads: all, writes: PC, base: all });
  if (!BRANCH.test(name)) return null;
  const condition = name === "b" ? NONE : FLAGS;
  return timing("branch", { reads: name.startsWith("cb") ? first : condition });
}

function system({ name, operands, first }: Written): Timing | null {
  if (/^(bkpt|svc|dmb|dsb|isb|cps|udf)/.test(name)) return timing("system");
  if (!/^(msr|mrs)/.test(name)) return null;
  return timing("system", { reads: registersIn(operands) | GE, writes: first | GE | FLAGS });
}

function product({ name, operands, parts, first, rest }: Written): Timing | null {
  const long = { writes: registersIn(parts.slice(0, 2).join(", ")) };
  const factors = registersIn(parts.slice(2).join(", "));
  if (/^[us]mull/.test(name)) return timing("long-multiply", { ...long, reads: factors });
  if (/^(umlal|smlal|smlsld|umaal)/.test(name)) {
    return timing("long-multiply-add", { ...long, reads: registersIn(operands) });
  }
  if (/^ml[as]/.test(name)) return timing("multiply-add", { reads: rest, writes: first });
  if (/^mul/.test(name)) return timing("multiply", { reads: rest | first, writes: first });
  return /^[su]div/.test(name) ? timing("divide", { reads: rest, writes: first }) : null;
}

function dsp({ name, first, rest }: Written): Timing | null {
  if (DSP_MULTIPLY.test(name)) return timing("dsp-multiply", { reads: rest, writes: first });
  if (!DSP_ALU.test(name)) return null;
  const compares = /^[su](add|sub)(8|16)/.test(name) ? GE : NONE;
  return timing("dsp-alu", {
    reads: rest | (name.startsWith("sel") ? GE : NONE),
    writes: first | compares,
  });
}

const CONDITIONAL = new RegExp(`^(mov|add|sub|mvn|lsl|lsr|asr|and|orr|eor|rsb|bic)${CONDITION}$`);
const ONE_OPERAND = /^(mov|mvn|uxt|sxt|rev|rbit|clz|neg|rsb|adr)/;
const SETS_FLAGS = /^(add|sub|and|orr|eor|bic|mov|lsl|lsr|asr|ror|rsb|adc|sbc|mvn|neg)s$/;

/** Everything else computes on core registers. */
function alu({ name, operands, parts, first, rest }: Written): Timing {
  const shifted = /,\s*(lsl|lsr|asr|ror|rrx)\b/.test(operands);
  const kind = shifted ? "alu-shifted" : "alu";
  if (/^(cmp|cmn|tst|teq)/.test(name)) {
    return timing(kind, { reads: registersIn(operands), writes: FLAGS });
  }
  const keeps = (parts.length === 2 && !ONE_OPERAND.test(name)) || /^(movt|bfi|bfc)/.test(name);
  const reads = union([
    rest,
    keeps ? first : NONE,
    /^(adc|sbc)/.test(name) ? FLAGS : NONE,
    CONDITIONAL.test(name) ? FLAGS | first : NONE,
  ]);
  const writes = first | (SETS_FLAGS.test(name) ? FLAGS : NONE);
  return timing((writes & PC) === NONE ? kind : "jump", { reads, writes });
}
