using System.Security.Cryptography;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Functions;

/// <summary>The tools that the gateway has: which of them a request is offered, and how they are called.</summary>
internal sealed partial class GatewayTools(ToolSources sources, ToolCalls calls, TimeProvider time, ILogger<GatewayTools> logger)
{
    // What providers take in one request, its caller's own among them.
    private const int MostTools = 128;

    // The only endpoint whose callers can answer whether a call may be made.
    private const string WithApproval = "/v1/chat/completions";

    private bool _hasToldOfMost;

    /// <summary>
    /// What a request is offered: what all the lists allow that there are of its key, its model and its prompt; what
    /// Gateway:Functions:Offer has, where there is none of them; of a prompt without tools nothing. Null where no list has any, or
    /// there are no tools at all, so that nothing is to be done for it.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    public ValueTask<OfferedTools?> OfferAsync(GatewayRequest request)
    {
        var lists = Lists.Of(request);
        return lists.AreNone || sources.Current.Count == 0 ? default : ListAsync(request, lists);
    }

    /// <summary>Carries out a call that a model has made; what goes wrong is told to the model.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments, as the model wrote them.</param>
    /// <param name="request">For whom.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public ValueTask<ToolResult> RunAsync(ServerTool tool, string arguments, GatewayRequest request, CancellationToken cancellationToken) =>
        calls.RunAsync(tool, arguments, request, cancellationToken);

    private async ValueTask<OfferedTools?> ListAsync(GatewayRequest request, Lists lists)
    {
        // Nobody's answer is late for tools that it may do without.
        var left = request.Timeout - time.GetElapsedTime(request.StartedAt);
        using var patience = new CancellationTokenSource(left > TimeSpan.Zero ? left / 4 : TimeSpan.Zero, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.CallerGone, request.Stopping, patience.Token);

        // All at once: one that is slow must not have the next one begin later.
        var asked = new List<(IToolSource Source, Task<IReadOnlyList<ServerTool>> Listing)>();
        foreach (var source in sources.Current)
        {
            if (lists.MayHave(source.Prefix))
            {
                asked.Add((source, source.ListAsync(limit.Token).AsTask()));
            }
        }

        List<ServerTool> offered = [];
        var names = CallersNames(request);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (source, listing) in asked)
        {
            var listed = await WithinAsync(listing, request, limit.Token);
            foreach (var tool in listed ?? [])
            {
                if (!lists.Allow(tool.Name) || (tool.NeedsApproval && request.Endpoint != WithApproval) || names.Contains(tool.Name))
                {
                    continue;
                }

                if (names.Count >= MostTools)
                {
                    TellOfMost(tool.Name);
                    break;
                }

                names.Add(tool.Name);
                offered.Add(tool);
                hash.AppendData(tool.Digest);
            }

            if (listed is null || source.Fault is not null)
            {
                request.DoWithout($"mcp:{source.Name}");
            }
        }

        return new OfferedTools(offered, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    // Null where there was no time for it.
    private static async ValueTask<IReadOnlyList<ServerTool>?> WithinAsync(Task<IReadOnlyList<ServerTool>> listing, GatewayRequest request, CancellationToken limit)
    {
        try
        {
            return await listing.WaitAsync(limit);
        }
        catch (OperationCanceledException)
        {
            request.CallerGone.ThrowIfCancellationRequested();
            return null;
        }
    }

    private void TellOfMost(string tool)
    {
        if (!Interlocked.Exchange(ref _hasToldOfMost, true))
        {
            LogMost(MostTools, tool);
        }
    }

    // A caller's own tool is what the caller means by its name.
    private static HashSet<string> CallersNames(GatewayRequest request)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tool in request.Options?.Tools ?? [])
        {
            names.Add(tool.Name);
        }

        return names;
    }

    [LoggerMessage(LogLevel.Warning, "A request would be offered more than {Most} tools; {Tool} and those after it are left out. It is said once: shorten the lists of tools.")]
    private partial void LogMost(int most, string tool);

    /// <summary>The lists that hold for a request, of which each must allow a tool; null for one that is not there.</summary>
    private readonly record struct Lists(IReadOnlyList<string>? First, IReadOnlyList<string>? Second, IReadOnlyList<string>? Third)
    {
        public bool AreNone => First is null && Second is null && Third is null;

        public static Lists Of(GatewayRequest request)
        {
            var (prompt, key, model) = (request.Prompt?.Tools, request.Principal.Tools, request.Route?.Tools);
            if (prompt is { Count: 0 })
            {
                return default;
            }

            return prompt is null && key is null && model is null
                ? request.Configuration.Options.Functions.Offer is { Count: > 0 } all ? new Lists(all, null, null) : default
                : new Lists(prompt, key, model);
        }

        public bool MayHave(string prefix) => All(prefix, ToolName.MayBeIn);

        public bool Allow(string tool) => All(tool, Principal.Allows);

        private bool All(string name, Func<IReadOnlyList<string>, string, bool> has) =>
            (First is null || has(First, name)) && (Second is null || has(Second, name)) && (Third is null || has(Third, name));
    }
}
