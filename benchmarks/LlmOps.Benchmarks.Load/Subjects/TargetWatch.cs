using System.Net.Http.Json;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>Asks the gateway how its targets fare (<c>GET /admin/models</c>).</summary>
internal sealed class TargetWatch : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _model;

    /// <param name="gateway">Whom to ask.</param>
    /// <param name="model">The model whose first target is looked at.</param>
    public TargetWatch(RunningSubject gateway, string model)
    {
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{gateway.Port}") };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", SubjectList.AdministratorKey);
        _model = model;
    }

    /// <summary>How it fares now.</summary>
    public async Task<Target> LookAsync(CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync<Reply>("/admin/models", cancellationToken))!.Models.First(model => model.Id == _model).Targets[0];

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>A target.</summary>
    /// <param name="Breaker">State of its circuit breaker.</param>
    /// <param name="InFlight">Calls on their way to it.</param>
    /// <param name="Keys">The keys it is called with.</param>
    internal sealed record Target(string Breaker, int InFlight, Key[] Keys)
    {
        /// <summary>Whether it is left alone: for its failures, or because no key of it may be used.</summary>
        public bool IsLeftAlone => Breaker != "closed" || Keys.All(key => key.State != "ready");
    }

    /// <summary>A key.</summary>
    internal sealed record Key(string State);

    private sealed record Reply(Model[] Models);

    private sealed record Model(string Id, Target[] Targets);
}
