using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Prompts.Evaluations;

/// <summary>A row of the table evaluations, without the JSON.</summary>
internal sealed record EvaluationRow
{
    /// <summary>The columns, as the properties are called.</summary>
    public const string Columns =
        "id, started_at AS StartedAt, ended_at AS EndedAt, prompt, baseline, variants, status, cases, actor, received_at AS ReceivedAt";

    // Clocks differ; one that is a day ahead is wrong, and what it dates would stay the newest.
    private static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);

    /// <summary>A UUID, in lower case.</summary>
    public required string Id { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long StartedAt { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long EndedAt { get; init; }

    public required string Prompt { get; init; }

    /// <summary>The name of the variant that the others are compared with.</summary>
    public required string Baseline { get; init; }

    /// <summary>The names of the others: a JSON array.</summary>
    public required string Variants { get; init; }

    /// <summary>passed, regression, incomplete.</summary>
    public required string Status { get; init; }

    /// <summary>How many cases it has.</summary>
    public long Cases { get; init; }

    /// <summary>Who has sent it.</summary>
    public required string Actor { get; init; }

    /// <summary>When it came; milliseconds since 1970.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>The row of an evaluation.</summary>
    /// <param name="body">The evaluation.</param>
    /// <param name="actor">Who sends it.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="GatewayException">400: it is none; names the field that is wrong, and what was expected.</exception>
    public static EvaluationRow Read(JsonBody body, string actor, DateTimeOffset now)
    {
        EvaluationSchema.Check(body);
        var json = body.Root;
        var (startedAt, endedAt) = (Time(body, json.GetProperty("started_at"u8), now), Time(body, json.GetProperty("ended_at"u8), now));
        if (endedAt < startedAt)
        {
            throw body.Invalid(json.GetProperty("ended_at"u8), "a time that is not before started_at");
        }

        var names = json.GetProperty("variants"u8).EnumerateArray().Select(variant => variant.GetProperty("name"u8).GetString()!).ToList();
        return new EvaluationRow
        {
            Id = Guid.Parse(json.GetProperty("id"u8).GetString()!).ToString(),
            StartedAt = startedAt.ToUnixTimeMilliseconds(),
            EndedAt = endedAt.ToUnixTimeMilliseconds(),
            Prompt = json.GetProperty("prompt"u8).GetString()!,
            Baseline = names[0],
            Variants = new JsonArray([.. names.Skip(1)]).ToJsonString(),
            Status = json.GetProperty("gate"u8).GetProperty("status"u8).GetString()!.ToLowerInvariant(),
            Cases = json.GetProperty("case_count"u8).GetInt64(),
            Actor = actor,
            ReceivedAt = now.ToUnixTimeMilliseconds(),
        };
    }

    private static DateTimeOffset Time(JsonBody body, JsonElement value, DateTimeOffset now) =>
        DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time >= DateTimeOffset.UnixEpoch && time <= now + MostAhead
            ? time
            : throw body.Invalid(value, "a time since 1970 that is not to come");
}
