namespace LlmOps.Benchmarks.Load;

/// <summary>Why nothing can be measured, and what to do about it: a message for whoever runs the benchmark.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
