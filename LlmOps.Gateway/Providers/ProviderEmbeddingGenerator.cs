using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Asks a provider for embeddings over HTTP, in whatever protocol it speaks: in as many requests, one after the other, as
/// it takes. An answer with too few vectors, or with vectors of another length than the others or than was asked for, is none.
/// </summary>
internal sealed class ProviderEmbeddingGenerator(string name, IEmbeddingProtocol protocol, ProviderTransport transport) : IEmbeddingGenerator<string, Embedding<float>>
{
    // 2048 vectors of 3072 numbers, as texts.
    private const int MostBytes = 128 * 1024 * 1024;

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = GatewayEmbeddingOptions.Of(options);
        var texts = values as IReadOnlyList<string> ?? [.. values];
        try
        {
            var service = await protocol.ServiceAsync(asked, cancellationToken);
            if (texts.Count <= service.MostTexts)
            {
                var answer = await AskAsync(texts, asked, cancellationToken);
                return Generated([answer], asked.InputCount, service, asked);
            }

            var answers = new List<EmbeddingAnswer>();
            foreach (var batch in texts.Chunk(service.MostTexts))
            {
                // Between two batches it is waited for a whole answer again, and not for the rest of one.
                asked.Attempt?.Limits.Pause();
                answers.Add(await AskAsync(batch, asked, cancellationToken));
                Check(answers[^1], batch.Length);
            }

            return Generated(answers, asked.InputCount, service, asked);
        }
        catch
        {
            protocol.Forget();
            throw;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        // The connections belong to the transport.
    }

    private async Task<EmbeddingAnswer> AskAsync(IReadOnlyList<string> texts, GatewayEmbeddingOptions options, CancellationToken cancellationToken)
    {
        var attempt = options.Attempt;
        using var request = protocol.Request(texts, options).Accepting(MediaTypes.Json);
        HttpResponseMessage response;
        try
        {
            response = await transport.SendAsync(request, cancellationToken);
        }
        catch (Exception exception) when (ProviderTransport.Failure(name, exception, cancellationToken) is { } failure)
        {
            throw failure;
        }

        using var answered = response;
        ProviderHttp.Note(response, attempt, protocol.Errors);
        var body = await ProviderTransport.ReadBodyAsync(name, response, attempt?.Limits, cancellationToken, MostBytes);
        ProviderHttp.EnsureJson(response, body, protocol.Errors);
        return protocol.Read(body, response.Headers, options);
    }

    private GeneratedEmbeddings<Embedding<float>> Generated(IReadOnlyList<EmbeddingAnswer> answers, int count, EmbeddingService service, GatewayEmbeddingOptions options)
    {
        var generated = new GeneratedEmbeddings<Embedding<float>>(count) { Usage = Sum(answers) };
        var dimensions = options.Dimensions;
        foreach (var answer in answers)
        {
            foreach (var vector in answer.Vectors)
            {
                dimensions ??= vector.Length;
                if (vector.Length != dimensions || vector.Length == 0)
                {
                    throw protocol.Errors.Malformed($"a vector of {vector.Length} dimensions; expected {dimensions}, as {(options.Dimensions is null ? "the others have" : "was asked for")}");
                }

                generated.Add(new Embedding<float>(vector) { ModelId = answer.Model ?? service.Model });
            }
        }

        if (generated.Count != count)
        {
            throw Miscounted(generated.Count, count);
        }

        if (answers is [{ Payload: { } payload }])
        {
            generated.AdditionalProperties = new() { [MessageProperties.Payload] = payload };
        }

        return generated;
    }

    private void Check(EmbeddingAnswer answer, int count)
    {
        if (answer.Vectors.Count != count)
        {
            throw Miscounted(answer.Vectors.Count, count);
        }
    }

    private Errors.ProviderException Miscounted(int vectors, int inputs) =>
        protocol.Errors.Malformed($"{vectors} embeddings for {inputs} inputs");

    // A sum of which a part is not known is not known.
    private static UsageDetails? Sum(IReadOnlyList<EmbeddingAnswer> answers)
    {
        if (answers.Any(answer => answer.Usage is null))
        {
            return null;
        }

        var sum = new UsageDetails();
        foreach (var answer in answers)
        {
            sum.Add(answer.Usage!);
        }

        return sum;
    }
}
