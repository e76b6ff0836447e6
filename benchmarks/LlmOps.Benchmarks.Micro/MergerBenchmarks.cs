using System.Text;
using BenchmarkDotNet.Attributes;
using LlmOps.Benchmarks.Servers;
using LlmOps.Gateway.Caching.Completions;

namespace LlmOps.Benchmarks.Micro;

/// <summary>Between streams and the completions that the cache keeps of them; figures are per chunk of a stream of 200.</summary>
[MemoryDiagnoser]
public class MergerBenchmarks
{
    private const int Chunks = 200;

    private readonly byte[][] _text = Stream(place => $$"""{"content":" word{{place}}"}""");
    private readonly byte[][] _logprobs = Stream(place => $$"""{"content":" word{{place}}"}""", """{"content":[{"token":" word","logprob":-0.0103,"bytes":[32,119,111,114,100],"top_logprobs":[]}],"refusal":null}""");
    private readonly byte[][] _call = Stream(place => place == 0
        ? """{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]}"""
        : $$$"""{"tool_calls":[{"index":0,"function":{"arguments":"{{{place switch { 1 => "[0", Chunks - 4 => "]", _ => $",{place}" }}}}"}}]}""");

    private readonly byte[] _completion;

    /// <summary>What is replayed is what was merged.</summary>
    public MergerBenchmarks() => _completion = Merge(_text);

    [Benchmark(Baseline = true, OperationsPerInvoke = Chunks)]
    public byte[] Text() => Merge(_text);

    [Benchmark(OperationsPerInvoke = Chunks)]
    public byte[] Logprobs() => Merge(_logprobs);

    [Benchmark(OperationsPerInvoke = Chunks)]
    public byte[] ToolCall() => Merge(_call);

    /// <summary>The stream that a hit becomes; the time is the whole answer's.</summary>
    [Benchmark]
    public object Replay() => CompletionReader.Replay(_completion, withholdUsage: true);

    /// <summary>The check before an answer is kept; the time is the whole answer's.</summary>
    [Benchmark]
    public bool MayBeKept() => CompletionReader.MayBeKept(_completion);

    private static byte[] Merge(byte[][] chunks)
    {
        var merger = new CompletionMerger();
        foreach (var chunk in chunks)
        {
            merger.Add(chunk);
        }

        return merger.ToJson();
    }

    // One begins, one says why it ended, one has the usage.
    private static byte[][] Stream(Func<int, string> delta, string logprobs = "null") =>
    [
        .. Enumerable.Range(-1, Chunks - 2)
            .Select(place => Completion.Chunk(place < 0 ? """{"role":"assistant","content":"","refusal":null}""" : delta(place)).Replace("\"logprobs\":null", $"\"logprobs\":{logprobs}", StringComparison.Ordinal))
            .Append(Completion.End(usage: true))
            .SelectMany(text => text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            .Select(line => line["data: ".Length..])
            .Where(data => data != "[DONE]")
            .Select(Encoding.UTF8.GetBytes),
    ];
}
