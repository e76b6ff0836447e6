using System.Data.Common;
using System.Text.Json.Serialization;
using Dapper;

namespace LlmOps.Gateway.Prompts.Records;

/// <summary>What the database knows of prompts: which versions labels name, and experiments.</summary>
internal sealed record PromptRows
{
    /// <summary>The setting that differs after every change.</summary>
    public const string VersionSetting = "prompts_version";

    /// <summary>Nothing.</summary>
    public static readonly PromptRows Empty = new() { Version = "", Labels = [], Sources = [], Texts = [], Experiments = [] };

    /// <summary>Differs after every change.</summary>
    public required string Version { get; init; }

    public required IReadOnlyList<LabelRow> Labels { get; init; }

    public required IReadOnlyList<SourceRow> Sources { get; init; }

    /// <summary>The text that each version had first.</summary>
    public required IReadOnlyList<TextRow> Texts { get; init; }

    public required IReadOnlyList<ExperimentRow> Experiments { get; init; }

    /// <summary>Reads them; null where they are still of a version.</summary>
    public static async Task<PromptRows?> ReadAsync(DbConnection connection, string known)
    {
        // The version comes first: what changes while the rest is read makes another one, and so another reading.
        var version = await connection.QuerySingleAsync<string>("SELECT value FROM settings WHERE name = @name", new { name = VersionSetting });
        return version == known ? null : new PromptRows
        {
            Version = version,
            Labels = (await connection.QueryAsync<LabelRow>("SELECT prompt, label, version, source, moved_at AS MovedAt FROM prompt_labels")).AsList(),
            Sources = (await connection.QueryAsync<SourceRow>("SELECT prompt, name, source, value FROM prompt_sources")).AsList(),
            Texts = (await connection.QueryAsync<TextRow>("SELECT prompt, version, content_hash AS ContentHash, first_seen_at AS FirstSeenAt FROM prompt_versions")).AsList(),
            Experiments = (await connection.QueryAsync<ExperimentRow>($"SELECT {ExperimentRow.Columns} FROM experiments ORDER BY created_at, name")).AsList(),
        };
    }
}

/// <summary>Which version a label names.</summary>
internal sealed record LabelRow
{
    public required string Prompt { get; init; }

    public required string Label { get; init; }

    public required long Version { get; init; }

    /// <summary>What has moved it: a <see cref="MoveSource"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long MovedAt { get; init; }
}

/// <summary>What a file or the environment said last.</summary>
internal sealed record SourceRow
{
    public required string Prompt { get; init; }

    /// <summary>A label, or experiment.yaml.</summary>
    public required string Name { get; init; }

    /// <summary>file or environment.</summary>
    public required string Source { get; init; }

    public required string Value { get; init; }
}

/// <summary>The text that a version had first.</summary>
internal sealed record TextRow
{
    public required string Prompt { get; init; }

    public required long Version { get; init; }

    public required string ContentHash { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long FirstSeenAt { get; init; }
}

/// <summary>An experiment, as the database has it.</summary>
internal sealed record ExperimentRow
{
    /// <summary>Its columns, in the names of these properties.</summary>
    public const string Columns =
        "name, prompt, definition, state, share, guard, source, paused_variants AS PausedVariants, winner, created_at AS CreatedAt, started_at AS StartedAt, ended_at AS EndedAt";

    public required string Name { get; init; }

    public required string Prompt { get; init; }

    /// <summary>JSON, as the API writes it.</summary>
    public required string Definition { get; init; }

    /// <summary>draft, running, paused, decided.</summary>
    public required string State { get; init; }

    public required double Share { get; init; }

    /// <summary>JSON.</summary>
    public required string Guard { get; init; }

    /// <summary>file or api.</summary>
    public required string Source { get; init; }

    /// <summary>A JSON list of names.</summary>
    public required string PausedVariants { get; init; }

    public string? Winner { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    public long? StartedAt { get; init; }

    public long? EndedAt { get; init; }
}

/// <summary>Generated JSON of the copy on disk.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PromptRows))]
internal sealed partial class PromptRowsJson : JsonSerializerContext;
