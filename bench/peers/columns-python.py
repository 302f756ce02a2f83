"""Computes columns by numexpr or by DuckDB, on one thread; speaks the protocol of kernels-process.ts, after one line of cases as JSON."""

import json
import sys
import time

import numpy

from column_values import column_values

MISSING_COLUMN = 100
KEY_STRIDE = 7919


class Data:
    def __init__(self, case, length, groups):
        self.columns = {}
        self.there = {}
        for at, (name, (low, high)) in enumerate(case["columns"].items()):
            values = column_values(length, at, low, high)
            self.columns[name] = 10.0**values if case["decades"] else values
            if case["missing"] > 0:
                self.there[name] = column_values(length, MISSING_COLUMN + at, 0, 1) >= case["missing"]
        self.keys = (numpy.arange(length, dtype=numpy.int64) * KEY_STRIDE % groups).astype(numpy.int32)


class Numexpr:
    """Formulas over arrays that are there."""

    def __init__(self, case, length, groups):
        import numexpr

        numexpr.set_num_threads(1)
        data = Data(case, length, groups)
        size = {"map": length, "map with bitmap": length, "sums of groups": groups}.get(case["way"], 1)
        self.result = numpy.zeros(size)
        self.scope = {
            **data.columns,
            **{f"{name}_there": there for name, there in data.there.items()},
            "keys": data.keys,
            "n": length,
            "out": self.result,
            "numpy": numpy,
            "numexpr": numexpr,
            "evaluate": lambda text, names, out: numexpr.evaluate(
                text, local_dict=names, global_dict={}, out=out, casting="unsafe"
            ),
        }
        self.program = compile(case["text"], "case", "exec")

    def run(self):
        exec(self.program, self.scope)


class DuckDb:
    """Queries over a table in memory, with results as NumPy arrays."""

    def __init__(self, case, length, groups):
        import duckdb

        data = Data(case, length, groups)
        self.connection = duckdb.connect()
        self.connection.execute("set threads = 1")
        self.connection.register("arrays", {"k": data.keys, **data.columns, **{f"{name}_there": there for name, there in data.there.items()}})
        columns = [
            f"case when {name}_there then {name} end as {name}" if name in data.there else name for name in data.columns
        ]
        self.connection.execute(f"create table t as select k, {', '.join(columns)} from arrays")
        self.text = case["text"]
        self.answer = None

    def run(self):
        self.answer = self.connection.execute(self.text).fetchnumpy()

    @property
    def result(self):
        (column,) = self.answer.values()
        return numpy.ma.filled(numpy.ma.asarray(column, dtype=float), numpy.nan)


def main():
    configuration = json.loads(sys.stdin.readline())
    kind = {"numexpr": Numexpr, "duckdb": DuckDb}[configuration["module"]]
    ends = configuration["endCount"]
    current = case = None
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "prepare":
            if numbers != current:
                case = None
                case = kind(configuration["cases"][int(numbers[0])], int(numbers[1]), configuration["groupCount"])
                case.run()
                current = numbers
            print("ok", flush=True)
        elif command == "measure":
            start = time.process_time_ns()
            for _ in range(int(numbers[0])):
                case.run()
            print(time.process_time_ns() - start, flush=True)
        else:
            result = case.result
            print(*(repr(float(x)).replace("nan", "NaN") for x in [*result[:ends], *result[-ends:]]), flush=True)


main()
