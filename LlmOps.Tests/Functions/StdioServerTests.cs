using System.Diagnostics;
using System.Globalization;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Functions;
using LlmOps.Tests.Configuration;

namespace LlmOps.Tests.Functions;

/// <summary>MCP servers that are programs which the gateway starts.</summary>
public sealed class StdioServerTests
{
    private static readonly string Program = typeof(StdioServerProgram).Assembly.Location;

    [Fact]
    public async Task Program_IsStartedListedCalledAndEnded()
    {
        int process;
        await using (var gateway = Gateway().With("Gateway:Functions:Servers:local:Environment:TOKEN", "canary-token-5x7q").With("Logging:LogLevel:LlmOps.Gateway.Functions", "Debug"))
        {
            (await gateway.CallAsync("local__echo", """{"text":"hello"}""")).ShouldBe(new ToolResult("hello", IsError: false));

            var variables = (await gateway.CallAsync("local__variables", "{}")).Text.Split(' ');
            variables.ShouldContain("TOKEN");
            variables.ShouldContain("PATH");
            variables.ShouldNotContain("DOTNET_CLI_TELEMETRY_SESSIONID");
            variables.Length.ShouldBeLessThan(12);
            process = await ProcessAsync(gateway);
            await gateway.Logs.FirstAsync(log => log.Level == Microsoft.Extensions.Logging.LogLevel.Debug && log.Message == "MCP server local wrote: the program has begun");
            gateway.Logs.All.ShouldAllBe(log => !log.Message.Contains("canary", StringComparison.Ordinal));
        }

        await Conditions.HoldsAsync(() => Task.FromResult(!IsAlive(process)));
    }

    [Fact]
    public async Task ProgramThatEnds_IsStartedAgain()
    {
        await using var gateway = Gateway();
        var first = await ProcessAsync(gateway);

        (await gateway.CallAsync("local__exit", """{"code":3}""")).ErrorType.ShouldBe(ToolErrors.Unavailable);

        await Conditions.HoldsAsync(async () => (await gateway.NamesAsync()).Contains("local__process"));
        (await ProcessAsync(gateway)).ShouldNotBe(first);
    }

    [Fact]
    public async Task ProgramThatIsKilled_IsStartedAgain()
    {
        await using var gateway = Gateway();
        var first = await ProcessAsync(gateway);
        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
        }

        await Conditions.HoldsAsync(async () =>
            await gateway.OfferAsync() is { } offered && offered.Find("local__process") is not null
            && await gateway.CallAsync("local__process", "{}") is { IsError: false } result && result.Text != first.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task ListThatChanges_IsReadAnew()
    {
        await using var gateway = Gateway();

        (await gateway.CallAsync("local__grow", "{}")).IsError.ShouldBeFalse();

        await Conditions.HoldsAsync(async () => (await gateway.NamesAsync()).Contains("local__added"));
    }

    [Fact]
    public async Task ProgramThatCannotBeStarted_IsLeftOut()
    {
        await using var gateway = new GatewayApplication().With("Gateway:Functions:AllowStdio", "true").With("Gateway:Functions:StdioCommands", "/nowhere/to/be/found")
            .With("Gateway:Functions:Servers:local:Command", "/nowhere/to/be/found").With("Gateway:Functions:Offer", "*");
        var request = gateway.Request();

        (await gateway.NamesAsync(request)).ShouldBe(["current_time", "calculator"]);

        request.Degraded.ShouldBe("mcp:local");
        (await gateway.Http.GetStringAsync("/health")).ShouldContain("local: its program");
    }

    [Theory]
    [InlineData("Gateway:Functions:Servers:x:Command is set, but programs are not started; expected Gateway:Functions:AllowStdio to be true, or a Url.", "Servers:x:Command=node")]
    [InlineData("Gateway:Functions:Servers:x:Command is 'node'; expected one of Gateway:Functions:StdioCommands: npx, uvx.", "Servers:x:Command=node", "AllowStdio=true", "StdioCommands=npx,uvx")]
    [InlineData("Gateway:Functions:Servers:x:Command is 'node'; expected one of Gateway:Functions:StdioCommands: there is none.", "Servers:x:Command=node", "AllowStdio=true")]
    public void ProgramThatMayNotBeStarted_IsAFault(string fault, params string[] settings) =>
        Should.Throw<ConfigurationException>(() => ConfigurationTests.Build([.. settings.Select(setting => ($"Gateway:Functions:{setting.Split('=')[0]}", setting.Split('=')[1]))])).Faults.ShouldBe([fault]);

    private static GatewayApplication Gateway() => new GatewayApplication()
        .With("Gateway:Functions:AllowStdio", "true").With("Gateway:Functions:StdioCommands", "dotnet").With("Gateway:Functions:Offer", "*")
        .With("Gateway:Functions:Servers:local:Command", "dotnet").With("Gateway:Functions:Servers:local:Arguments:0", Program)
        .With("Gateway:Functions:Servers:local:Timeout", "60s");

    private static async Task<int> ProcessAsync(GatewayApplication gateway) => int.Parse((await gateway.CallAsync("local__process", "{}")).Text, CultureInfo.InvariantCulture);

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
