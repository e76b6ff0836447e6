using System.Data.Common;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>What is done to experiments: in force on all replicas within a second.</summary>
internal sealed partial class PromptExperiments(PromptRecords records, PromptRegistry registry, TimeProvider time, ILogger<PromptExperiments> logger)
{
    /// <summary>An experiment.</summary>
    /// <exception cref="GatewayException">404: there is none of that name.</exception>
    public Experiment Find(string name) =>
        registry.Current.Experiments.GetValueOrDefault(name) ?? throw new GatewayException(ErrorCode.NotFound, $"There is no experiment '{Shown.Short(name)}'.", "name");

    /// <summary>Makes one, in the state that its definition says.</summary>
    /// <exception cref="GatewayException">400: it cannot be; 404: there is no such prompt; 409: there is one of that name, or another one runs on the prompt.</exception>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public async Task<Experiment> CreateAsync(Principal actor, ExperimentDefinition definition)
    {
        await registry.Loaded;
        var versions = registry.Find(definition.Prompt).Versions;
        if (definition.Variants.FirstOrDefault(variant => !versions.ContainsKey(variant.Version)) is { } missing)
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"Variant {missing.Name} is of {VersionName.Of(missing.Version)}; expected a version that prompt '{definition.Prompt}' has.", "variants");
        }

        if (definition.State is not (ExperimentState.Draft or ExperimentState.Running))
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"state is {definition.State.ToString().ToLowerInvariant()}; expected draft or running.", "state");
        }

        var row = await records.ChangeAsync(async connection =>
        {
            if (await ExperimentTable.FindAsync(connection, definition.Name) is not null)
            {
                throw new GatewayException(ErrorCode.AlreadyExists, $"There is an experiment '{definition.Name}' already; expected another name.", "name");
            }

            await ExperimentChanges.CreateAsync(connection, definition, MoveSource.Api, actor.Subject, time.GetUtcNow());
            if (definition.State == ExperimentState.Running)
            {
                await StartAsync(connection, definition.Name, definition.Prompt, actor, null);
            }

            return await ExperimentTable.FindAsync(connection, definition.Name);
        });
        LogChanged(actor.Subject, "created", definition.Name);
        return Experiment.Of(row!);
    }

    /// <summary>Changes what can change of one that is not decided; null leaves each as it is.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="name">The experiment.</param>
    /// <param name="change">What is to change.</param>
    /// <exception cref="GatewayException">400: it cannot be; 404: there is none of that name; 409: it is decided, or another one runs on its prompt.</exception>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public async Task<Experiment> ChangeAsync(Principal actor, string name, ExperimentChange change)
    {
        await registry.Loaded;
        var known = Find(name);
        var unknown = change.Variants.Keys.FirstOrDefault(variant => known.Definition.Variants.All(each => each.Name != variant));
        if (unknown is not null)
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"Experiment {name} has no variant '{Shown.Short(unknown)}'; expected {string.Join(", ", known.Definition.Variants.Select(variant => variant.Name))}.", "variants");
        }

        if (change.State is not (null or ExperimentState.Running or ExperimentState.Paused))
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"state is {change.State.ToString()!.ToLowerInvariant()}; expected running or paused.", "state");
        }

        var row = await records.ChangeAsync(async connection =>
        {
            await ThrowIfDecidedAsync(connection, name);
            var (who, now) = (actor.Subject, time.GetUtcNow());
            if (change.Share is { } share)
            {
                await ExperimentChanges.SetShareAsync(connection, name, share, who, change.Comment, now);
            }

            if (change.Guard is { } guard)
            {
                await ExperimentChanges.SetGuardAsync(connection, name, guard, who, change.Comment, now);
            }

            foreach (var (variant, isPaused) in change.Variants)
            {
                await ExperimentChanges.SetVariantAsync(connection, name, variant, isPaused, who, change.Comment, now);
            }

            if (change.State == ExperimentState.Running)
            {
                await StartAsync(connection, name, known.Definition.Prompt, actor, change.Comment);
            }
            else if (change.State == ExperimentState.Paused)
            {
                await ExperimentChanges.PauseAsync(connection, name, who, change.Comment, now);
            }

            return await ExperimentTable.FindAsync(connection, name);
        });
        LogChanged(actor.Subject, "changed", name);
        return Experiment.Of(row!);
    }

    /// <summary>Ends one: production moves to the winner's version.</summary>
    /// <exception cref="GatewayException">400: it has no such variant, or its version is gone; 404: there is none of that name; 409: it is decided.</exception>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public async Task<Experiment> DecideAsync(Principal actor, string name, string winner, string? comment)
    {
        await registry.Loaded;
        var definition = Find(name).Definition;
        if (definition.Variants.FirstOrDefault(each => each.Name == winner) is not { } variant || !registry.Find(definition.Prompt).Versions.ContainsKey(variant.Version))
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"winner is '{Shown.Short(winner)}'; expected a variant whose version is there: {string.Join(", ", definition.Variants.Select(each => each.Name))}.", "winner");
        }

        var row = await records.ChangeAsync(async connection =>
        {
            await ThrowIfDecidedAsync(connection, name);
            await ExperimentChanges.DecideAsync(connection, name, variant, actor.Subject, comment, time.GetUtcNow());
            return await ExperimentTable.FindAsync(connection, name);
        });
        LogChanged(actor.Subject, "decided", name);
        return Experiment.Of(row!);
    }

    /// <summary>Pauses a variant that is clearly worse, unless somebody has already.</summary>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public async Task PauseVariantAsync(string name, string variant, string why)
    {
        if (await records.ChangeAsync(connection => ExperimentChanges.SetVariantAsync(connection, name, variant, isPaused: true, MoveSource.Guard, why, time.GetUtcNow())))
        {
            LogPaused(name, variant, why);
        }
    }

    /// <summary>What was done to one, the latest first.</summary>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<ExperimentEvent>> EventsAsync(string name, int most) => records.ReadAsync(connection => ExperimentTable.EventsAsync(connection, name, most));

    private async Task StartAsync(DbConnection connection, string name, string prompt, Principal actor, string? comment)
    {
        if (await ExperimentTable.FindRunningAsync(connection, prompt) is { } other && other.Name != name)
        {
            throw new GatewayException(ErrorCode.InUse, $"Experiment '{other.Name}' runs on prompt '{prompt}'; expected it to be paused first.", "state");
        }

        await ExperimentChanges.StartAsync(connection, name, actor.Subject, comment, time.GetUtcNow());
    }

    private static async Task ThrowIfDecidedAsync(DbConnection connection, string name)
    {
        if (await ExperimentTable.FindAsync(connection, name) is { State: "decided" })
        {
            throw new GatewayException(ErrorCode.InUse, $"Experiment '{name}' is decided; expected a new one under another name.", "name");
        }
    }

    [LoggerMessage(LogLevel.Information, "{Actor} {Action} experiment {Experiment}.")]
    private partial void LogChanged(string actor, string action, string experiment);

    [LoggerMessage(LogLevel.Warning, "Variant {Variant} of experiment {Experiment} is paused by its guard: {Why}")]
    private partial void LogPaused(string experiment, string variant, string why);
}

/// <summary>What is to change of an experiment; null leaves each as it is.</summary>
/// <param name="State">Running or paused.</param>
/// <param name="Share">The part of the units that takes part, 0 to 1.</param>
/// <param name="Guard">How much worse than the first, on which measures, a variant may be.</param>
/// <param name="Variants">Variants by name, and whether they are paused.</param>
/// <param name="Comment">Why.</param>
internal sealed record ExperimentChange(ExperimentState? State, double? Share, IReadOnlyDictionary<Measure, double>? Guard, IReadOnlyDictionary<string, bool> Variants, string? Comment);
