using LlmOps.Tests.Contracts;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers;

/// <summary>
/// Tests of a gateway that has every provider, all of them on one fake server. Each request that an adapter has sent is
/// held against the provider's published description when a test is over.
/// </summary>
public abstract class ProviderTests : IAsyncLifetime
{
    protected ProviderTests()
    {
        foreach (var provider in TestedProvider.All)
        {
            Gateway.With($"Gateway:Providers:{provider.Name}:BaseUrl", new Uri(Fake.BaseAddress, provider.BasePath).ToString());
            if (provider != TestedProvider.Ollama)
            {
                Gateway.With($"Gateway:Providers:{provider.Name}:ApiKey", GatewayApplication.ProviderKey);
            }
        }
    }

    /// <summary>The names of all providers, for theories.</summary>
    public static TheoryData<string> Names => [.. TestedProvider.All.Select(provider => provider.Name)];

    /// <summary>The names of all providers, streaming and not.</summary>
    public static TheoryData<string, bool> NamesAndModes
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var provider in TestedProvider.All)
            {
                data.Add(provider.Name, false);
                data.Add(provider.Name, true);
            }

            return data;
        }
    }

    private protected FakeServer Fake { get; } = new();

    private protected GatewayApplication Gateway { get; } = new();

    /// <summary>Whether a test sends something that no description allows.</summary>
    private protected bool BreaksContract { get; set; }

    /// <summary>Answers every provider's requests alike.</summary>
    private protected void AnswerAll(Func<ReceivedRequest, FakeAnswer> answer)
    {
        var handlers = TestedProvider.All.ToDictionary(provider => provider, provider => provider.Handler(answer));
        Fake.Handler = request => handlers[TestedProvider.All.Single(provider => provider.Owns(request))](request);
    }

    /// <summary>A chat completion's body: the members besides model and stream are given as JSON.</summary>
    private protected static string Body(TestedProvider provider, bool streaming, string members = """ "messages":[{"role":"user","content":"Hi"}] """) =>
        $$"""{"model":"{{provider.Model}}","stream":{{(streaming ? "true,\"stream_options\":{\"include_usage\":true}" : "false")}},{{members}}}""";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Fake.DisposeAsync();
        Fake.Faults.ShouldBeEmpty();
        foreach (var request in Fake.Requests.Where(_ => !BreaksContract))
        {
            var provider = TestedProvider.All.SingleOrDefault(provider => provider.Owns(request));
            (provider is null ? ContractCheck.Tei : provider.Contract())?.Faults(request.Method, request.Path, request.BodyText.Length == 0 ? default : request.Json)
                .ShouldBeEmpty($"{provider}: {request.BodyText}");
        }
    }
}
