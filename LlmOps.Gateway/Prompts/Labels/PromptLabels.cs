using System.Data.Common;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts.Labels;

/// <summary>Moves labels: in force on all replicas within a second.</summary>
internal sealed partial class PromptLabels(PromptRecords records, PromptRegistry registry, TimeProvider time, ILogger<PromptLabels> logger)
{
    /// <summary>Moves a label in a transaction of others. An experiment on the prompt pauses where it was production, for it compares with what no longer runs.</summary>
    /// <returns>The move; null where the label names that version already.</returns>
    public static async Task<LabelMove?> MoveAsync(DbConnection connection, LabelMove move)
    {
        if (await LabelTable.MoveAsync(connection, move) is not { } moved)
        {
            return null;
        }

        if (move.Label == LabelName.Production && await ExperimentTable.FindRunningAsync(connection, move.Prompt) is { } running)
        {
            await ExperimentChanges.PauseAsync(connection, running.Name, move.Actor, $"production was moved to {(move.To is { } to ? VersionName.Of(to) : "no version")}", move.At);
        }

        return moved;
    }

    /// <summary>Moves a label to a version.</summary>
    /// <returns>The move; where the label names that version already, one from it to itself, which is not recorded.</returns>
    /// <exception cref="GatewayException">404: there is no such prompt or version; 400: no label can have that name.</exception>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public async Task<LabelMove> MoveAsync(Principal actor, string name, string label, int version, string? comment)
    {
        await registry.Loaded;
        var prompt = registry.Find(name);
        if (!LabelName.IsValid(label))
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"'{Shown.Short(label)}' cannot be a label; expected {LabelName.Form}.", "label");
        }

        ThrowIfMissing(prompt, version);
        var move = new LabelMove(name, label, null, version, actor.Subject, MoveSource.Api, comment, time.GetUtcNow());
        return Moved(await records.ChangeAsync(async connection => await MoveAsync(connection, move) ?? move with { From = version }));
    }

    /// <summary>Moves a label back to the version that it named before its latest move; once more, to the one before that.</summary>
    /// <exception cref="GatewayException">404: there is no such prompt; 400: the label named no other version before.</exception>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public async Task<LabelMove> RollBackAsync(Principal actor, string name, string label, string? comment)
    {
        await registry.Loaded;
        var prompt = registry.Find(name);
        return Moved(await records.ChangeAsync(async connection =>
        {
            var previous = await LabelTable.FindPreviousAsync(connection, name, label)
                ?? throw new GatewayException(ErrorCode.InvalidValue, $"Label '{Shown.Short(label)}' of prompt '{name}' named no other version before.", "label");
            ThrowIfMissing(prompt, previous);
            var move = new LabelMove(name, label, null, previous, actor.Subject, MoveSource.Rollback, comment, time.GetUtcNow());
            return await MoveAsync(connection, move) ?? move with { From = previous };
        }));
    }

    /// <summary>The latest moves of a prompt's labels, the latest first.</summary>
    /// <exception cref="GatewayException">404: there is no such prompt.</exception>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public async Task<IReadOnlyList<LabelMove>> HistoryAsync(string name, int most)
    {
        await registry.Loaded;
        registry.Find(name);
        return await records.ReadAsync(connection => LabelTable.HistoryAsync(connection, name, most));
    }

    private LabelMove Moved(LabelMove move)
    {
        LogMoved(move.Actor, move.Label, move.Prompt, move.From is { } from ? VersionName.Of(from) : "no version", VersionName.Of(move.To!.Value));
        return move;
    }

    private static void ThrowIfMissing(Prompt prompt, int version)
    {
        if (!prompt.Versions.ContainsKey(version))
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"Prompt '{prompt.Name}' has no version {VersionName.Of(version)}; expected one of {string.Join(", ", prompt.Versions.Keys.Order().Select(VersionName.Of))}.", "version");
        }
    }

    [LoggerMessage(LogLevel.Information, "{Actor} moved label {Label} of prompt {Prompt} from {From} to {To}.")]
    private partial void LogMoved(string actor, string label, string prompt, string from, string to);
}
