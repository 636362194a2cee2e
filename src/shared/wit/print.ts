/** WIT types and worlds as WIT text. */
export { printDefinition, printFunc, printType } from "./print-type.ts";
export { printWorld } from "./print-world.ts";
