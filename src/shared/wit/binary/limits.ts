/**
 * Bounds on what a binary may ask of the decoder. Counts and string sizes are those of the wasm-tools
 * validator where it has one, so that nothing a valid toolchain emits is refused; depth and expanded size
 * are what keeps every later walk over a type short.
 */
export const LIMITS = {
  /** Bytes of one component. */
  inputBytes: 256 * 1024 * 1024,
  /** Items of one vector: fields of a record, definitions of a section. */
  vectorItems: 100_000,
  /** Items of all vectors of a binary together, nested components and types included. */
  items: 2_000_000,
  /** Bytes of one name. */
  nameBytes: 100_000,
  /** Components inside components, types inside types, instantiations inside instantiations. */
  depth: 100,
  /** Steps of the type-level evaluation, which evaluates a component again each time it is instantiated. */
  evaluationSteps: 500_000,
  /** Component instances, and core instances, of one instantiation: each takes memory when it is made. */
  instances: 10_000,
  /** Nodes of one function's or type's tree with all sharing undone. */
  expandedNodes: 1_000_000,
} as const;
