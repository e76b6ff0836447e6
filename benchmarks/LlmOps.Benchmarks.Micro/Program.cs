using BenchmarkDotNet.Running;
using LlmOps.Benchmarks.Micro;

// --filter '*Parsing*' runs some of them; --list flat names all.
BenchmarkSwitcher.FromAssembly(typeof(ParsingBenchmarks).Assembly).Run(args);
