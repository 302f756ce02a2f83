"""Runs kernels in numexpr on one thread; speaks the protocol of kernels-process.ts, after one line of workloads as JSON."""

import json
import sys
import time

import numexpr
import numpy

from column_values import column_values

numexpr.set_num_threads(1)


class Kernel:
    def __init__(self, workload, length):
        self.columns = {
            name: column_values(length, at, low, high)
            for at, (name, (low, high)) in enumerate(workload["columns"].items())
        }
        self.sources = workload["outputs"]
        self.reduces = workload["reduces"]
        self.outputs = [numpy.zeros(length) for _ in self.sources]
        self.run()

    def run(self):
        for source, output in zip(self.sources, self.outputs):
            if self.reduces:
                self.total = numexpr.evaluate(source, local_dict=self.columns, global_dict={})
            else:
                numexpr.evaluate(source, local_dict=self.columns, global_dict={}, out=output, casting="unsafe")

    def probe(self, count):
        if self.reduces:
            return [float(self.total)]
        return [float(x) for output in self.outputs for x in output[:count]]


def main():
    configuration = json.loads(sys.stdin.readline())
    current = kernel = None
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "prepare":
            if numbers != current:
                kernel = None
                kernel = Kernel(configuration["workloads"][int(numbers[0])], int(numbers[1]))
                current = numbers
            print("ok", flush=True)
        elif command == "measure":
            start = time.process_time_ns()
            for _ in range(int(numbers[0])):
                kernel.run()
            print(time.process_time_ns() - start, flush=True)
        else:
            print(*(repr(x) for x in kernel.probe(configuration["probeCount"])), flush=True)


main()
