using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmOps.Tests.Storage;

/// <summary>Whose the data folder is, with real processes. PostgreSQL may be down for it.</summary>
public sealed class DataFolderTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private readonly (string, string) _postgres = ("DATABASE_URL", $"postgres://u:p@127.0.0.1:{Ports.Free()}/db");

    // One more process on the folder, whose insides can be seen. The tests do in place of its ledger what that does with folders.
    private readonly GatewayApplication _gateway = new();

    private string Data => Path.Combine(_folder, "data");

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(Data);
        _gateway.With("Gateway:Data:Folder", Data).With("ConnectionStrings:llmops", _postgres.Item2)
            .WithServices(services => services.Remove(services.Single(service => service.ImplementationType == typeof(LedgerDrain) && service.ServiceType == typeof(IHostedService))));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task SecondProcessWithSqlite_IsRefused_UntilTheFirstIsGone()
    {
        await using (var first = await GatewayProcess.Start(_folder).ReadyAsync())
        {
            await using var second = GatewayProcess.Start(_folder);

            (await second.ExitAsync()).ShouldBe(1);
            second.Output.ShouldContain($"Gateway:Data:Folder is '{Data}', which belongs to another gateway that is running");
            second.Output.ShouldContain("PostgreSQL (Gateway:Storage:ConnectionString (ConnectionStrings__llmops, DATABASE_URL))");
            second.Output.ShouldNotContain("   at ");
            (await first.Http.GetStringAsync("/health")).ShouldContain("\"sqlite\":{\"status\":\"healthy\"");
        }

        // It was killed.
        await using var third = await GatewayProcess.Start(_folder).ReadyAsync();
    }

    [Fact]
    public async Task ProcessesWithPostgres_HaveAFolderEach_AndTheSameOneAfterARestart()
    {
        await using var first = await GatewayProcess.Start(_folder, _postgres).ReadyAsync();
        await using (await GatewayProcess.Start(_folder, _postgres).ReadyAsync())
        {
            await using var third = await GatewayProcess.Start(_folder, _postgres).ReadyAsync();
            Directory.GetDirectories(Path.Combine(Data, "processes")).Select(Path.GetFileName).ShouldBe(["01", "02", "03"], ignoreOrder: true);
            IsHeld("02").ShouldBeTrue();
        }

        IsHeld("02").ShouldBeFalse();
        IsHeld("01").ShouldBeTrue();
        Own.ShouldBe(Path.Combine(Data, "processes", "02"));
    }

    [Fact]
    public async Task FolderOfAKilledProcess_IsGivenToOne_AndToNobodyWhileItLives()
    {
        await using (await GatewayProcess.Start(_folder, _postgres).ReadyAsync())
        {
            Leave("processes/01/journal/1.log");
            Own.ShouldBe(Path.Combine(Data, "processes", "02"));
            DisposeAll(Take()).ShouldBe([Data]);
        }

        var adopted = Take().ShouldHaveSingleItem();
        adopted.Path.ShouldBe(Path.Combine(Data, "processes", "01"));
        Take().ShouldBeEmpty();

        // Who starts now finds it taken.
        await using (await GatewayProcess.Start(_folder, _postgres).ReadyAsync())
        {
            IsHeld("03").ShouldBeTrue();
        }

        adopted.Delete();
        adopted.Dispose();
        File.Exists(Path.Combine(adopted.Path, "journal", "1.log")).ShouldBeFalse();
        Take().ShouldBeEmpty();
    }

    [Fact]
    public async Task FolderThatIsGivenUp_IsGivenAgain_AsItIs()
    {
        Leave("processes/07/journal/1.log");

        DisposeAll(Take()).ShouldBe([Path.Combine(Data, "processes", "07"), Data]);

        using var again = Take().ShouldHaveSingleItem();
        File.Exists(Path.Combine(again.Path, "journal", "1.log")).ShouldBeTrue();
        await using var restarted = await GatewayProcess.Start(_folder, _postgres).ReadyAsync();
        IsHeld("02").ShouldBeTrue();
    }

    [Fact]
    public async Task FolderThatAProcessWithSqliteHad_IsGivenOnceThatIsGone()
    {
        await using (await GatewayProcess.Start(_folder).ReadyAsync())
        {
            Take().ShouldBeEmpty();
        }

        using (var adopted = Take().ShouldHaveSingleItem())
        {
            adopted.Path.ShouldBe(Data);
            adopted.Delete();
        }

        File.Exists(Path.Combine(Data, "llmops.db")).ShouldBeTrue();
        Take().ShouldBeEmpty();
        await using var sqlite = await GatewayProcess.Start(_folder).ReadyAsync();
    }

    [Fact]
    public void WithSqlite_FoldersOfProcessesThatHadPostgres_AreGivenToo()
    {
        Leave("processes/01/journal/1.log");
        Leave("processes/02/.lock");
        _gateway.With("ConnectionStrings:llmops", "");

        using var adopted = Take().ShouldHaveSingleItem();

        adopted.Path.ShouldBe(Path.Combine(Data, "processes", "01"));
        Own.ShouldBe(Data);
    }

    [Fact]
    public void FolderThatMayNotBeUsed_IsPassedOver()
    {
        // Its lock can be opened by nobody, whatever account this is.
        Directory.CreateDirectory(Path.Combine(Data, "processes", "01", FolderLock.Name));
        Leave("processes/01/journal/1.log");
        Leave("processes/07/journal/1.log");

        Own.ShouldBe(Path.Combine(Data, "processes", "02"));
        DisposeAll(Take()).ShouldBe([Path.Combine(Data, "processes", "07"), Data]);
        _gateway.Logs.All.Count(log => log.Message.Contains(Path.Combine("processes", "01"), StringComparison.Ordinal)).ShouldBe(1);
    }

    private string Own => Folder.Own;

    private DataFolder Folder
    {
        get
        {
            _ = _gateway.Http;
            return _gateway.Services.GetRequiredService<DataFolder>();
        }
    }

    private IReadOnlyList<AdoptedFolder> Take() => Folder.TakeAbandoned();

    private static string[] DisposeAll(IReadOnlyList<AdoptedFolder> folders)
    {
        foreach (var folder in folders)
        {
            folder.Dispose();
        }

        return [.. folders.Select(folder => folder.Path)];
    }

    private void Leave(string file)
    {
        var path = Path.Combine(Data, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
    }

    private bool IsHeld(string number)
    {
        using var taken = FolderLock.TryTake(Path.Combine(Data, "processes", number));
        return taken is null;
    }
}
