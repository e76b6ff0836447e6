using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Telemetry.Judge;

/// <summary>
/// Has a model score a sampled share of the answers, one at a time, after they were given. The operator pays for that, within a day's budget
/// of its own; each judgement is a row of the ledger.
/// </summary>
internal sealed partial class OnlineJudge(
    TargetRoutingChatClient routing, PromptRegistry prompts, GatewayConfiguration configuration, RequestAccounting accounting, Sinks sinks, TimeProvider time, ILogger<OnlineJudge> logger)
    : BackgroundService
{
    /// <summary>The name of its scores.</summary>
    public const string ScoreName = "judge";

    /// <summary>The endpoint that the ledger names.</summary>
    public const string Endpoint = "online-judge";

    private const int MostWaiting = 100;
    private const int MaxTokens = 1024;
    private const int LongestReason = 1000;

    private static readonly Principal Judge = Principal.Local with { Subject = Endpoint, IsAnonymous = false };
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Judged = Meter.CreateCounter<long>(TelemetryNames.JudgeAnswers, "{answer}", "Answers that were to be judged, by what came of it: scored, failed, skipped (too many waited), unpaid (the day's budget is spent).");

    private readonly Channel<JudgedAnswer> _waiting = Channel.CreateBounded<JudgedAnswer>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly DailySpending _spending = new(time);

    /// <summary>What is to be kept of a request's texts, as its answer is to be judged; null where it is not.</summary>
    public static ContentCapture? Sample(GatewayRequest request, IEnumerable<ChatMessage> messages)
    {
        var options = request.Configuration.Options.Telemetry.OnlineJudge;
        return options.Share > 0 && Random.Shared.NextSingle() < options.Share ? new ContentCapture(messages, options.MaxCharacters) : null;
    }

    /// <summary>An answer is complete; it neither waits nor fails.</summary>
    public void Offer(GatewayRequest request, ContentCapture said)
    {
        if (!_waiting.Writer.TryWrite(new JudgedAnswer(request, said)))
        {
            Count("skipped");
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var answer in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await JudgeAsync(answer, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What waits is not judged.
        }
    }

    private static void Count(string outcome) => Judged.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private async Task JudgeAsync(JudgedAnswer answer, CancellationToken stopping)
    {
        var snapshot = configuration.Current;
        if (snapshot.JudgeRoute is not { } route || answer.Said.Answer.Text is not { } said)
        {
            return;
        }

        try
        {
            await prompts.Loaded;
            var prompt = prompts.Find(snapshot.Options.Telemetry.OnlineJudge.Prompt);
            var version = prompt.Production ?? prompt.Highest;

            // Whatever else it has a place for, such as a rubric, is what it is by default.
            var values = version.Variables.Where(variable => !variable.IsRequired).ToDictionary(variable => variable.Name, variable => variable.Default!);
            (values["question"], values["answer"]) = (answer.Question, said);
            var messages = version.Render(values);
            if (await AskAsync(snapshot, route, version, messages, stopping) is not { } judgement)
            {
                Count("unpaid");
                return;
            }

            Publish(answer.Request, Read(judgement));
            Count("scored");
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            // Whatever it is, the next answer is judged all the same.
            Count("failed");
            LogFailed(exception is JsonException ? "the judge's answer is no JSON object with a number score" : exception.Message);
        }
    }

    // Null where the day's budget does not pay for it.
    private async Task<string?> AskAsync(GatewaySnapshot snapshot, ModelRoute route, PromptVersion version, List<ChatMessage> messages, CancellationToken stopping)
    {
        var (settings, at) = (snapshot.Options.Telemetry.OnlineJudge, time.GetUtcNow());
        var id = Guid.CreateVersion7(at);
        var asked = new GatewayRequest
        {
            Id = id,
            At = at,
            RequestId = id.ToString("N"),
            Endpoint = Endpoint,
            Family = Endpoint,
            Principal = Judge,
            Configuration = snapshot,
            StartedAt = time.GetTimestamp(),
            Timeout = settings.Timeout,
            CallerGone = stopping,
            Stopping = stopping,
            Model = route.Name,
            Route = route,
            Size = new RequestSize(messages.Sum(message => Encoding.UTF8.GetByteCount(message.Text))),
            MaxTokens = version.Parameters.Options.MaxOutputTokens ?? MaxTokens,
        };
        asked.MakeFrom(version.Identity);
        var most = RequestBudgets.MostAtOnce(asked);
        if (_spending.TryReserve(most, settings.UsdPerDay) is not { } day)
        {
            return null;
        }

        try
        {
            var options = (GatewayChatOptions)version.Parameters.Options.Clone();
            (options.Request, options.MaxOutputTokens) = (asked, asked.MaxTokens);
            return (await routing.GetResponseAsync(messages, options, stopping)).Text;
        }
        catch (Exception exception)
        {
            asked.Error = RequestLog.OutcomeOf(exception, asked);
            throw;
        }
        finally
        {
            _spending.Settle(day, most, new NanoUsd(asked.Spent));
            accounting.Close(asked);
        }
    }

    private static (double Score, string? Reason) Read(string judgement)
    {
        // Some models put a fence around it, whatever they are told.
        var (start, end) = (judgement.IndexOf('{', StringComparison.Ordinal), judgement.LastIndexOf('}'));
        using var json = JsonDocument.Parse(start >= 0 && end > start ? judgement[start..(end + 1)] : judgement);
        var score = json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("score"u8, out var given) && given.ValueKind == JsonValueKind.Number
            ? given.GetDouble()
            : throw new JsonException();
        return (score, json.RootElement.TryGetProperty("reason"u8, out var reason) && reason.ValueKind == JsonValueKind.String ? reason.GetString() : null);
    }

    private void Publish(GatewayRequest request, (double Score, string? Reason) judgement)
    {
        var at = time.GetUtcNow();
        sinks.Publish(new ScoreGiven
        {
            Id = Guid.CreateVersion7(at),
            RequestId = request.Id,
            At = at,
            Name = ScoreName,
            Value = judgement.Score,

            // A reason may quote what was said.
            Comment = request.Content is null ? null : judgement.Reason is { Length: > LongestReason } reason ? reason[..LongestReason] : judgement.Reason,
            Source = ScoreGiven.Judge,
            Prompt = request.Prompt?.Name,
            PromptVersion = request.Prompt?.Version,
        });
    }

    [LoggerMessage(LogLevel.Warning, "An answer could not be judged: {Reason}")]
    private partial void LogFailed(string reason);
}
