using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Prompts.Records;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Prompts;

/// <summary>Two processes over one database, whose folders are not the same: a deployment that is under way.</summary>
public sealed class PromptFoldersApartTests : IDisposable
{
    private readonly SqliteDatabase _database = new(path: null, TimeProvider.System);
    private readonly PromptRecords[] _records;
    private readonly PromptSources[] _processes;

    public PromptFoldersApartTests()
    {
        _records = [Records(), Records()];
        _processes = [.. _records.Select(records => new PromptSources(records, TimeProvider.System))];
    }

    public void Dispose()
    {
        _records.ToList().ForEach(records => records.Dispose());
        _database.Dispose();
    }

    [Fact]
    public async Task LabelThatOnlyTheNewerFolderHas_IsLeftByTheOlder()
    {
        await TellAsync(1, ("production", 1));
        await TellAsync(0, ("production", 1), ("staging", 2));

        await TellAsync(1, ("production", 1));

        (await LabelsAsync()).ShouldBe(["production v1", "staging v2"], ignoreOrder: true);
    }

    [Fact]
    public async Task LineThatIsGoneFromAFolder_TakesTheLabelAway()
    {
        await TellAsync(0, ("production", 1), ("staging", 2));

        await TellAsync(0, ("production", 1));

        (await LabelsAsync()).ShouldBe(["production v1"]);
    }

    [Fact]
    public async Task OlderFolder_DoesNotMoveALabelBack()
    {
        await TellAsync(1, ("production", 1));
        await TellAsync(0, ("production", 2));

        await TellAsync(1, ("production", 1));

        (await LabelsAsync()).ShouldBe(["production v2"]);
    }

    [Fact]
    public async Task ExperimentThatOnlyTheNewerFolderHas_IsLeftByTheOlder()
    {
        await TellAsync(1, ("production", 1));
        await TellAsync(0, TestedPrompts.Files("greeter", 1, 2) with
        {
            Experiment = ExperimentFile.Read("greeter", "name: newer\nstate: running\nvariants: [{version: v1}, {version: v2}]\n"),
        });

        await TellAsync(1, ("production", 1));

        await _records[0].StartAsync(default);
        _records[0].Current.Experiments.Single().State.ShouldBe("running");
    }

    private PromptRecords Records() => new(_database, null!, TimeProvider.System, TestDatabase.LoggerOf<PromptRecords>(new CollectedLogs()));

    private Task TellAsync(int process, params (string Label, int Version)[] labels) => TellAsync(process, TestedPrompts.Files("greeter", 1, 2) with
    {
        Labels = labels.ToDictionary(label => label.Label, label => (label.Version, (int?)1)),
    });

    private async Task TellAsync(int process, PromptFiles files)
    {
        await _records[process].StartAsync(default);
        (await _processes[process].TellAsync(TestedPrompts.Folder(files), new Dictionary<string, string>())).ShouldBeEmpty();
    }

    private async Task<IEnumerable<string>> LabelsAsync()
    {
        await _records[0].StartAsync(default);
        return _records[0].Current.Labels.Select(row => $"{row.Label} v{row.Version}");
    }
}
