using System.Net;
using System.Runtime.InteropServices;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Parameters;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Functions.Kept;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>
/// The facts of one request, from its arrival to its log line. The endpoint fills in what was asked,
/// the stages what became of it.
/// </summary>
internal sealed class GatewayRequest
{
    // Most requests make one.
    private Attempt? _first;
    private List<Attempt>? _others;
    private List<Attempt>? _rounds;
    private List<GatewayRequest>? _beside;
    private GatewayRequest? _payer;

    /// <summary>The internal id, a UUID of version 7, by which it is recorded and reserved for.</summary>
    public Guid Id { get; init; }

    /// <summary>When it arrived; the day by UTC is that of its prices and budgets.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>X-Request-ID: a label for people; a caller may repeat it.</summary>
    public required string RequestId { get; init; }

    /// <summary>Route of the endpoint, such as /v1/chat/completions.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Requests of one family may have the same answer: how it is sent, as a stream or not, does not matter.</summary>
    public required string Family { get; init; }

    /// <summary>Whether answers of this endpoint are cached unless something says otherwise.</summary>
    public bool IsCachedByDefault { get; init; }

    /// <summary>Who asks.</summary>
    public required Principal Principal { get; init; }

    /// <summary>The address it came from; null where it has none.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>What it has taken of limits; null where none holds for it.</summary>
    public RequestTakings? Limits { get; set; }

    /// <summary>The configuration this request lives under, whatever is reloaded meanwhile.</summary>
    public required GatewaySnapshot Configuration { get; init; }

    /// <summary>Timestamp of the arrival, by the TimeProvider.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Longest the whole request may take, from its arrival.</summary>
    public required TimeSpan Timeout { get; set; }

    /// <summary>X-LlmOps-Session: a label of the conversation; null without one.</summary>
    public string? Session { get; set; }

    /// <summary>X-LlmOps-User: a label of the caller's user; null without one.</summary>
    public string? User { get; set; }

    /// <summary>What its headers say of the cache.</summary>
    public CacheControls CacheControls { get; set; }

    /// <summary>What the cache is to it; null where it is nothing.</summary>
    public CacheUse? Cache { get; set; }

    /// <summary>The value of X-LlmOps-Cache.</summary>
    public string CacheStatus { get; set; } = Caching.CacheStatus.Bypass;

    /// <summary>The answer that it did not have to pay for; null where a provider was asked for it.</summary>
    public ReusedAnswer? Reused { get; set; }

    /// <summary>Whether it was given the answer of an earlier request with its idempotency key.</summary>
    public bool IsReplayed { get; set; }

    /// <summary>The prompt that it was made from; null for none.</summary>
    public PromptIdentity? Prompt { get; private set; }

    /// <summary>The gateway's own tools that its model is offered; null where the gateway has none.</summary>
    public OfferedTools? Tools { get; set; }

    /// <summary>What of its conversation was kept here and is put back in it; null where nothing was.</summary>
    public KeptConversation? Kept { get; set; }

    /// <summary>What stands for personal data in it, for whatever is still added to it; null where nothing is to.</summary>
    public Placeholders? Placeholders { get; set; }

    /// <summary>What the semantic cache is to it; null where it is nothing.</summary>
    public SemanticUse? Semantic { get; set; }

    /// <summary>What it had to do without (X-LlmOps-Degraded): redis, qdrant, … with commas between; null for nothing.</summary>
    public string? Degraded { get; private set; }

    /// <summary>The rules of guardrails that have found something in it or its answer, with commas between; null for none.</summary>
    public string? Found { get; private set; }

    /// <summary>Cancelled when the caller has left.</summary>
    public required CancellationToken CallerGone { get; init; }

    /// <summary>Cancelled when the gateway stops and the time to finish is over. Each attempt watches it beside the caller: a token linked to both would cost every request.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>The model as the caller names it; null until the body is understood.</summary>
    public string? Model { get; set; }

    /// <summary>What the caller asked, whatever stages make of it: what a translation cannot say is told by its fields. Null where they are no provider's protocol.</summary>
    public OriginalRequest? Asked { get; set; }

    /// <summary>A key for OpenAI that the caller brings, for the calls of this request alone; null where it brings none.</summary>
    public Secret? CallersKey { get; set; }

    /// <summary>The request_id that its body gives it: a label, as the caller's answers and errors show it; null where there is none, or it is not read yet.</summary>
    public string? BodyRequestId { get; set; }

    /// <summary>Where the requested model is to be had; null until the body is understood.</summary>
    public ModelRoute? Route { get; set; }

    /// <summary>Whether the caller asked for a stream.</summary>
    public bool Streaming { get; set; }

    /// <summary>Temperature in force, 0 to 2; null when left to the provider.</summary>
    public float? Temperature { get; set; }

    /// <summary>Most output tokens in force; null when left to the provider.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>The day it arrived, by UTC.</summary>
    public DateOnly Day => DateOnly.FromDateTime(At.UtcDateTime);

    /// <summary>How large it is; nothing until the body is understood.</summary>
    public RequestSize Size { get; set; }

    /// <summary>What its budgets hold for it; null where it has no budget.</summary>
    public BudgetReservation? Reservation { get; set; }

    /// <summary>Calls made to providers so far.</summary>
    public int Attempts { get; private set; }

    /// <summary>Those of them that were made because another had failed or was late.</summary>
    public int Retries => Math.Max(0, Attempts - 1 - (_rounds?.Count - (IsBetweenRounds ? 1 : 0) ?? 0));

    /// <summary>The attempt that answered, or was made last; null while there was none.</summary>
    public Attempt? Attempt { get; set; }

    /// <summary>All attempts, with those of requests that were made for it, in the order in which they began within each.</summary>
    public Attempt[] AllAttempts
    {
        get
        {
            Attempt[] own = _first is null ? [] : _others is null ? [_first] : [_first, .. _others];
            return _beside is null ? own : [.. _beside.SelectMany(request => request.AllAttempts), .. own];
        }
    }

    /// <summary>What it cost, all attempts and what was paid beside them included; null where a price is not known.</summary>
    public NanoUsd? Cost => SumOf(static attempt => attempt.Cost?.Value) is { } sum ? new NanoUsd(sum) : null;

    /// <summary>Whether a part of the cost is estimated, as the provider did not tell what it counted.</summary>
    public bool CostIsEstimated => Any(static attempt => attempt.IsEstimated && attempt.Target.Pricing.Source != PriceSource.Free) && Cost is not null;

    /// <summary>What the attempts that are over cost, as far as prices are known.</summary>
    public long Spent => SumOf(static attempt => attempt.IsOver ? attempt.Cost?.Value ?? 0 : 0)!.Value;

    /// <summary>The same, with what those on their way may cost.</summary>
    public long Committed => SumOf(static attempt => attempt.IsOver ? attempt.Cost?.Value ?? 0 : attempt.Bound.Value)!.Value;

    /// <summary>Tokens that all attempts took, as far as they are known.</summary>
    public long Tokens => SumOf(static attempt => (attempt.Taken.InputTokens ?? 0) + (attempt.Taken.OutputTokens ?? 0))!.Value;

    /// <summary>What its answer took: that of the attempt that answered, or was made last; where tools took part, of those that answered before as well. Null while there was none.</summary>
    public AttemptCost? Taken => Attempt is not { } last || _rounds is null ? Attempt?.Taken : Answers(last).Select(answer => answer.Taken).Aggregate(static (sum, taken) => sum.And(taken));

    /// <summary>Tokens of its answer as providers counted them, likewise; null where one did not say.</summary>
    public UsageDetails? Usage => Attempt is not { } last || _rounds is null ? Attempt?.Usage : UsageCounts.Sum([.. Answers(last).Select(answer => answer.Usage)]);

    /// <summary>The target of that attempt.</summary>
    public Target? Target => Attempt?.Target;

    /// <summary>Whose answer it is, now or when it was given first; null while there is none.</summary>
    public string? Provider => Reused?.Provider ?? Target?.Provider;

    /// <summary>That provider's name for the model.</summary>
    public string? ProviderModel => Reused?.ProviderModel ?? Target?.Model;

    /// <summary>From arrival to the first content of a stream.</summary>
    public TimeSpan? TimeToFirstChunk { get; set; }

    /// <summary>Whether the gateway makes it for another one, which pays for it.</summary>
    public bool IsBeside => _payer is not null;

    /// <summary>Whose budgets pay for it: its own, or those of the request that it is made for.</summary>
    public GatewayRequest Payer => _payer ?? this;

    /// <summary>Whether it may ask models whose price is not known.</summary>
    public bool AllowsUnpriced => Configuration.Options.Accounting.AllowUnpriced;

    /// <summary>Whether it is settled and recorded.</summary>
    public bool IsClosed { get; set; }

    /// <summary>The ledger's entry of it; null before it is closed, and of one that has none.</summary>
    public LedgerEntry? Entry { get; set; }

    /// <summary>Its spans; null where nobody traces it.</summary>
    public RequestSpans? Spans { get; init; }

    /// <summary>What was said in it; null where that is not captured.</summary>
    public ContentCapture? Content { get; set; }

    /// <summary>The chat that is asked; null until it is understood, and for what is none.</summary>
    public GatewayChatOptions? Options { get; set; }

    /// <summary>How the request failed; null while it has not.</summary>
    public ErrorCode? Error { get; set; }

    /// <summary>Takes in which model is asked for.</summary>
    /// <exception cref="GatewayException">Nobody has it, or its caller may not ask it.</exception>
    public void AskFor(string model)
    {
        Model = Shown.Short(model);
        if (!Principal.MayAsk(model))
        {
            throw new GatewayException(ErrorCode.PermissionDenied, $"This key may not ask model '{Model}'.", "model");
        }

        foreach (var (path, policy) in Configuration.Options.Access.Routes)
        {
            if (policy.Models.Count > 0 && RoutePolicy.HoldsFor(path, Endpoint) && !Principal.Allows(policy.Models, model))
            {
                throw new GatewayException(ErrorCode.PermissionDenied, $"Model '{Model}' may not be asked on {path}.", "model");
            }
        }

        Route = CallersKey is { } key ? Configuration.Models.ResolveFor(key, model) : Configuration.Models.Resolve(model).Route;
    }

    /// <summary>Takes in which prompt it is made from.</summary>
    /// <exception cref="GatewayException">Its caller may not use it.</exception>
    public void MakeFrom(PromptIdentity prompt) =>
        Prompt = Principal.MayUse(prompt.Name) ? prompt : throw new GatewayException(ErrorCode.PermissionDenied, $"This key may not use prompt '{Shown.Short(prompt.Name)}'.", "prompt");

    /// <summary>
    /// A request that the gateway makes for this one, to another model: with a time and attempts of its own. What they cost is
    /// a part of this one's cost.
    /// </summary>
    /// <param name="route">The model.</param>
    /// <param name="size">How large it is.</param>
    /// <param name="maxTokens">The most output tokens; null for embeddings.</param>
    /// <param name="timeout">Its time; half of what this request has left, where that is less.</param>
    /// <param name="time">The clock.</param>
    /// <param name="callerGone">Cancelled when nobody waits for it any more.</param>
    public GatewayRequest Beside(ModelRoute route, RequestSize size, int? maxTokens, TimeSpan timeout, TimeProvider time, CancellationToken callerGone)
    {
        var left = (Timeout - time.GetElapsedTime(StartedAt)) / 2;
        var beside = new GatewayRequest
        {
            Id = Id,
            At = At,
            RequestId = RequestId,
            Endpoint = Endpoint,
            Family = Family,
            Principal = Principal,
            Configuration = Configuration,
            StartedAt = time.GetTimestamp(),
            Timeout = left < timeout ? left : timeout,
            CallerGone = callerGone,
            Stopping = Stopping,
            Model = route.Name,
            Route = route,
            Size = size,
            MaxTokens = maxTokens,
            Spans = Spans,
            _payer = Payer,
        };
        (_beside ??= []).Add(beside);
        return beside;
    }

    /// <summary>Takes in an attempt that begins.</summary>
    public void Add(Attempt attempt)
    {
        Attempts++;
        Attempt = attempt;
        if (_first is null)
        {
            _first = attempt;
        }
        else
        {
            (_others ??= new List<Attempt>(2)).Add(attempt);
        }
    }

    /// <summary>The attempt that answered is not the last: a tool was called, and the model is asked again.</summary>
    public void EndRound() => (_rounds ??= []).Add(Attempt!);

    /// <summary>Takes in that more goes to the model than the request had, before it does.</summary>
    /// <param name="bytes">How much more.</param>
    public void Grow(long bytes)
    {
        Size = Size with { TextBytes = Size.TextBytes + bytes };
        if (Reservation is { } reservation && RequestBudgets.MostAtOnce(this) is { } most)
        {
            reservation.Calls = most;
        }
    }

    /// <summary>Why its budgets let no call be made to a target; null where they do, or where it has none.</summary>
    public GatewayException? PriceRefusal(Target target) =>
        Payer.Reservation is null || AllowsUnpriced || target.Pricing.Bound(this) is not null ? null : RequestBudgets.Unpriced(target);

    /// <summary>Notes what it has to do without.</summary>
    public void DoWithout(string dependency)
    {
        if (Degraded is null)
        {
            Degraded = dependency;
        }
        else if (!Degraded.Split(',').Contains(dependency))
        {
            Degraded = $"{Degraded},{dependency}";
        }
    }

    /// <summary>Notes that a guardrail's rule has found something.</summary>
    /// <returns>Whether it is the first time.</returns>
    public bool Note(string rule)
    {
        if (Found is not null && Found.Split(',').Contains(rule))
        {
            return false;
        }

        Found = Found is null ? rule : $"{Found},{rule}";
        return true;
    }

    // Until the next round begins, the last attempt is that of the round before.
    private bool IsBetweenRounds => _rounds is [.., var round] && round == Attempt;

    private List<Attempt> Answers(Attempt last) => IsBetweenRounds ? _rounds! : [.. _rounds!, last];

    // Null where one of them is.
    private long? SumOf(Func<Attempt, long?> numberOf)
    {
        var sum = _first is null ? 0 : numberOf(_first);
        foreach (var other in CollectionsMarshal.AsSpan(_others))
        {
            sum += numberOf(other);
        }

        foreach (var request in CollectionsMarshal.AsSpan(_beside))
        {
            sum += request.SumOf(numberOf);
        }

        return sum;
    }

    private bool Any(Func<Attempt, bool> holds) =>
        (_first is not null && holds(_first)) || _others?.Exists(attempt => holds(attempt)) == true || _beside?.Exists(request => request.Any(holds)) == true;
}
