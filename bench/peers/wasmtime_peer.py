"""wasmtime as a peer of the benches. Arguments: the library made of wasmtime.c, and what to prepare as JSON (what
`columns/wasmtime.mjs` and `runs-columns/wasmtime.mjs` write). Answers `<row> <count>` with nanoseconds, one line each.
With no arguments: says which version there is and where its library lies."""

import ctypes
import importlib.metadata
import json
import sys
import time
from ctypes import byref, c_bool, c_char, c_char_p, c_size_t, c_uint32, c_uint64, c_void_p

import wasmtime
from wasmtime import _ffi as ffi
from wasmtime import component as wc

VERSION = importlib.metadata.version("wasmtime")


def main():
    if len(sys.argv) == 1:
        print(json.dumps({"version": VERSION, "library": str(ffi.filename)}))
        return
    shim = ctypes.CDLL(sys.argv[1])
    shim.bench_val_size.restype = c_size_t
    if shim.bench_val_size() != ctypes.sizeof(ffi.wasmtime_component_val_t):
        sys.exit(f"wasmtime {VERSION} lays out its values in another way than the bench knows")
    shim.bench_add_calls.argtypes = [c_void_p]
    shim.bench_add_function.argtypes = [c_void_p, c_char_p, c_char_p, c_char_p, c_char]
    shim.bench_lifted.argtypes = [c_void_p, c_void_p, c_char, c_uint32]
    shim.bench_lifted.restype = c_uint64
    shim.bench_fresh.argtypes = [c_void_p, c_void_p, c_void_p, c_void_p, c_char, c_bool, c_uint32]
    shim.bench_fresh.restype = c_uint64
    engine = wasmtime.Engine()
    rows = {}
    for item in json.loads(sys.argv[2]):
        prepare = prepare_fresh if item["kind"] == "fresh" else prepare_calls
        rows.update(prepare(shim, engine, item))
    print("ready", flush=True)
    for line in sys.stdin:
        row, count = line.split()
        print(rows[row](int(count)), flush=True)


def address(managed):
    return ctypes.cast(managed.ptr(), c_void_p)


def make_linker(shim, engine, item):
    linker = wc.Linker(engine)
    linker.add_wasip2()
    with linker.root() as root:
        for name, functions in item.get("imports", {}).items():
            with root.add_instance(name) as instance:
                if functions == "calls":
                    shim.bench_add_calls(address(instance))
                    continue
                for function, (library, symbol, shape) in functions.items():
                    path = None if library is None else library.encode()
                    shim.bench_add_function(
                        address(instance), function.encode(), path, symbol.encode(), shape.encode()
                    )
    return linker


def prepare_calls(shim, engine, item):
    """One living instance: `rows` are exported loops, `lifted` functions by row with the kind of their arguments."""
    component = wc.Component.from_file(engine, item["component"])
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.env = item.get("variables", [])
    store.set_wasi(wasi)
    instance = make_linker(shim, engine, item).instantiate(store, component)

    def exported_loop(name):
        run = instance.get_func(store, name)

        def sample(count):
            start = time.perf_counter_ns()
            run(store, count)
            return time.perf_counter_ns() - start

        return sample

    def lifted(name, kind):
        function = instance.get_func(store, name)

        def sample(count):
            # Asked for each time: the closure must hold the store, or it is gone.
            context = ctypes.cast(store._context(), c_void_p)
            return shim.bench_lifted(byref(function._func), context, kind.encode(), count)

        return sample

    rows = {row: exported_loop(f"run-{row}") for row in item.get("rows", [])}
    rows.update({row: lifted(name, kind) for row, (name, kind) in item.get("lifted", {}).items()})
    return rows


def prepare_fresh(shim, engine, item):
    """A fresh instance for each call of `function` (in the exported `interface`, where there is one)."""
    component = wc.Component.from_file(engine, item["component"])
    linker = make_linker(shim, engine, item)
    holder = None
    if item.get("interface"):
        holder = component.get_export_index(item["interface"])
    index = component.get_export_index(item["function"], holder)
    return {
        item["row"]: lambda count: shim.bench_fresh(
            address(engine), address(linker), address(component), address(index), item["args"].encode(), item["wasi"], count
        )
    }


main()
