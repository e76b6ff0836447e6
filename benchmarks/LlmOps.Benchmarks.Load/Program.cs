using LlmOps.Benchmarks.Load;
using LlmOps.Benchmarks.Load.Comparing;
await new Comparison(Plan.Quick(1), new Workspace()).RunAsync("x", default);
return 0;
