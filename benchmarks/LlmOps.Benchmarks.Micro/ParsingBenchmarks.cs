using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using LlmOps.Benchmarks.Servers;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;

namespace LlmOps.Benchmarks.Micro;

/// <summary>Requests and answers, from bytes to their typed forms; the first is what System.Text.Json takes for the bytes alone.</summary>
[MemoryDiagnoser]
public class ParsingBenchmarks
{
    private static readonly byte[] Answer = Completion.Whole.ToArray();
    private static readonly byte[] Chunk = Encoding.UTF8.GetBytes(Completion.Chunk("""{"content":"gateway "}""").Trim()["data: ".Length..]);
    private readonly OpenAIErrors _errors = new("openai", new ProviderKeys(null, TimeProvider.System), TimeProvider.System);
    private readonly OriginalRequest _original = ChatCompletionRequest.Parse(Samples.Request).Options.Original!;

    [Benchmark(Baseline = true)]
    public int DocumentOfRequest()
    {
        using var document = JsonDocument.Parse(Samples.Request);
        return document.RootElement.GetPropertyCount();
    }

    [Benchmark]
    public object Request() => ChatCompletionRequest.Parse(Samples.Request);

    [Benchmark]
    public object RequestByTheFullParser() => ChatCompletionRequest.Parse(JsonBody.Parse(Samples.Request));

    [Benchmark]
    public int RequestSpliced() => OpenAIRequestSplicer.Splice(_original, "another-model", askForUsage: false).Length;

    [Benchmark]
    public object WholeAnswer() => OpenAIResponseReader.Read(_errors, Answer);

    [Benchmark]
    public object? ChunkOfStream() => new OpenAIStreamReader(_errors, withholdUsage: false).Read(new StreamEvent(null, Chunk));
}
