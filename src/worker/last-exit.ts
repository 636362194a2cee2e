/** Ends the process with the exit status that it is given, whatever its other threads do. */
import { workerData } from "node:worker_threads";
import { libc } from "./native/libc.ts";

libc().handle.func("_exit", "void", ["int"])(Number(workerData));
