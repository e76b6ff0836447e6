using System.Data.Common;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Prompts.Labels;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>Changes of experiments within a transaction, in which they follow each other: each is recorded.</summary>
internal static class ExperimentChanges
{
    /// <summary>The event of a variant that nobody sees any more.</summary>
    public const string VariantPaused = "variant_paused";

    /// <summary>The event of one that is seen again.</summary>
    public const string VariantResumed = "variant_resumed";

    /// <summary>Takes in what experiment.yaml says anew.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="definition">What it says.</param>
    /// <param name="files">The files of its prompt.</param>
    /// <param name="before">What it said before; null for nothing. Of its share, its guard and its state only what has changed counts.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="PromptFileException">It compares something else than the experiment of its name did, or one that is decided is to run.</exception>
    public static async Task TakeAsync(DbConnection connection, ExperimentDefinition definition, PromptFiles files, ExperimentDefinition? before, DateTimeOffset now)
    {
        if (definition.Variants.FirstOrDefault(variant => !files.Versions.ContainsKey(variant.Version)) is { } missing)
        {
            throw new PromptFileException(null, $"Variant {missing.Name} is of {VersionName.Of(missing.Version)}, which is not there.");
        }

        // Another file under another name is about another experiment.
        if (before is not null && before.Name != definition.Name)
        {
            await PauseAsync(connection, before.Name, MoveSource.File, $"experiment.yaml is about {definition.Name} now", now);
            before = null;
        }

        if (await ExperimentTable.FindAsync(connection, definition.Name) is not { } row)
        {
            await CreateAsync(connection, definition, MoveSource.File, MoveSource.File, now);
            row = (await ExperimentTable.FindAsync(connection, definition.Name))!;
        }

        var experiment = Experiment.Of(row);
        if (!experiment.Definition.Compares(definition))
        {
            throw new PromptFileException(null, $"An experiment {definition.Name} has compared something else; expected another name for other variants, another unit or another salt.");
        }

        if (before is null || before.Share != definition.Share)
        {
            await SetShareAsync(connection, definition.Name, definition.Share, MoveSource.File, null, now);
        }

        if (before is null || ExperimentJson.Of(before.Guard) != ExperimentJson.Of(definition.Guard))
        {
            await SetGuardAsync(connection, definition.Name, definition.Guard, MoveSource.File, null, now);
        }

        if (before is not null && before.State == definition.State)
        {
            return;
        }

        switch (definition.State)
        {
            case ExperimentState.Running when experiment.State == ExperimentState.Decided:
                throw new PromptFileException(null, $"Experiment {definition.Name} is decided; expected another name for a new one.");
            case ExperimentState.Running:
                if (await ExperimentTable.FindRunningAsync(connection, definition.Prompt) is { } other && other.Name != definition.Name)
                {
                    await PauseAsync(connection, other.Name, MoveSource.File, $"experiment.yaml starts {definition.Name}", now);
                }

                await StartAsync(connection, definition.Name, MoveSource.File, null, now);
                break;
            case ExperimentState.Paused:
                await PauseAsync(connection, definition.Name, MoveSource.File, null, now);
                break;
            case ExperimentState.Decided when experiment.State != ExperimentState.Decided:
                throw new PromptFileException(null, "state is decided, but only POST /admin/experiments/NAME/decide decides, as it needs the winner; expected draft, running or paused.");
        }
    }

    /// <summary>Adds an experiment that does not run yet.</summary>
    public static async Task CreateAsync(DbConnection connection, ExperimentDefinition definition, string source, string actor, DateTimeOffset now)
    {
        await ExperimentTable.AddAsync(connection, Experiment.New(definition, source, now).ToRow());
        await RecordAsync(connection, definition.Name, "created", actor, null, now);
    }

    /// <summary>Has one run; nothing where it does.</summary>
    public static Task StartAsync(DbConnection connection, string name, string actor, string? comment, DateTimeOffset now) => ChangeAsync(
        connection, name, "started", actor, comment, now,
        experiment => experiment.State is ExperimentState.Running or ExperimentState.Decided ? experiment : experiment with { State = ExperimentState.Running, StartedAt = experiment.StartedAt ?? now });

    /// <summary>Has nobody see its variants any more; nothing where it does not run. It need not be understood for that: a later program may have made it.</summary>
    public static async Task PauseAsync(DbConnection connection, string name, string actor, string? comment, DateTimeOffset now)
    {
        if (await ExperimentTable.PauseAsync(connection, name))
        {
            await RecordAsync(connection, name, "paused", actor, comment, now);
        }
    }

    /// <summary>Gives it another share.</summary>
    public static Task SetShareAsync(DbConnection connection, string name, double share, string actor, string? comment, DateTimeOffset now) => ChangeAsync(
        connection, name, "share", actor, comment ?? FormattableString.Invariant($"{share}"), now, experiment => experiment with { Share = share });

    /// <summary>Gives it another guard.</summary>
    public static Task SetGuardAsync(DbConnection connection, string name, IReadOnlyDictionary<Measure, double> guard, string actor, string? comment, DateTimeOffset now) => ChangeAsync(
        connection, name, "guard", actor, comment ?? ExperimentJson.Of(guard), now, experiment => experiment with { Guard = guard });

    /// <summary>Has nobody see a variant any more, or has them see it again.</summary>
    /// <returns>Whether that changed anything.</returns>
    public static Task<bool> SetVariantAsync(DbConnection connection, string name, string variant, bool isPaused, string actor, string? comment, DateTimeOffset now) => ChangeAsync(
        connection, name, isPaused ? VariantPaused : VariantResumed, actor, comment is null ? variant : $"{variant}: {comment}", now,
        experiment => experiment with { PausedVariants = isPaused ? [.. experiment.PausedVariants.Union([variant])] : [.. experiment.PausedVariants.Except([variant])] });

    /// <summary>Ends it: production moves to the winner's version.</summary>
    public static async Task DecideAsync(DbConnection connection, string name, VariantDefinition winner, string actor, string? comment, DateTimeOffset now)
    {
        var row = await ExperimentTable.FindAsync(connection, name);
        await ChangeAsync(connection, name, "decided", actor, comment is null ? winner.Name : $"{winner.Name}: {comment}", now, experiment => experiment with { State = ExperimentState.Decided, Winner = winner.Name, EndedAt = now });
        await PromptLabels.MoveAsync(connection, new LabelMove(row!.Prompt, LabelName.Production, null, winner.Version, actor, MoveSource.Experiment, comment ?? $"experiment {name} is decided", now));
    }

    private static async Task<bool> ChangeAsync(DbConnection connection, string name, string action, string actor, string? comment, DateTimeOffset now, Func<Experiment, Experiment> change)
    {
        if (await ExperimentTable.FindAsync(connection, name) is not { } row)
        {
            return false;
        }

        var changed = change(Experiment.Of(row)).ToRow();
        if (changed == row)
        {
            return false;
        }

        await ExperimentTable.UpdateAsync(connection, changed);
        await RecordAsync(connection, name, action, actor, comment, now);
        return true;
    }

    private static Task RecordAsync(DbConnection connection, string name, string action, string actor, string? comment, DateTimeOffset now) =>
        ExperimentTable.AddEventAsync(connection, new ExperimentEvent(name, action, actor, comment, now));
}
