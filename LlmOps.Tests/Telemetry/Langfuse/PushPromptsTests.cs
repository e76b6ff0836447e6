using System.Diagnostics;
using LlmOps.Gateway.Configuration;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Prompts;

namespace LlmOps.Tests.Telemetry.Langfuse;

/// <summary>The command that pushes the prompts folder, as it is called.</summary>
public sealed class PushPromptsTests : IDisposable
{
    private const string Prompt = "greeter";

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    public PushPromptsTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "prompts", Prompt));
        Write("v1.yaml", TestedPrompts.FileOf(1, more: "system: Be polite.\n"));
        Write("v2.yaml", TestedPrompts.FileOf(2, user: "Hi {{name}}", more: "description: shorter\nmodel: gpt-4o\nparameters: {temperature: 0.2}\n"));
        Write("labels.yaml", "production: v1\nstaging: v2\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("2.95.12")]
    [InlineData("3.22.0")]
    [InlineData("4.16.0")]
    public async Task Versions_ArePushedOnce_TheOldestFirst_WithTheirLabels(string version)
    {
        await using var langfuse = new TestedLangfuse(version);

        (await PushAsync(langfuse)).ShouldBe((0, "greeter v1: pushed, production\ngreeter v2: pushed, staging\n", ""));
        (await PushAsync(langfuse)).ShouldBe((0, "greeter v1: unchanged\ngreeter v2: unchanged\n", ""));

        var prompts = langfuse.Fake.Prompts;
        prompts.Of(Prompt).Count.ShouldBe(2);
        prompts.Labels(Prompt, 1).ShouldBe(["v1", "production"], ignoreOrder: true);
        prompts.Labels(Prompt, 2).ShouldBe(["v2", "staging", "latest"], ignoreOrder: true);
        prompts.Of(Prompt)[0]["prompt"]!.ToJsonString().ShouldBe("""[{"role":"system","content":"Be polite."},{"role":"user","content":"Hello {{name}}"}]""");
        var second = prompts.Of(Prompt)[1];
        second["tags"]!.ToJsonString().ShouldBe("""["llmops"]""");
        ((string?)second["commitMessage"]).ShouldBe(version.StartsWith('2') ? null : "shorter");
        var config = second["config"]!;
        ((string?)config["llmops_version"], (string?)config["model"], (double?)config["temperature"]).ShouldBe(("v2", "gpt-4o", 0.2));
        ((string?)config["llmops_hash"]).ShouldBe(TestedPrompts.Version(2, user: "Hi {{name}}", more: "model: gpt-4o\nparameters: {temperature: 0.2}\n").ContentHash);
    }

    [Fact]
    public async Task MovedLabel_IsMoved()
    {
        await using var langfuse = new TestedLangfuse("4.16.0");
        await PushAsync(langfuse);
        Write("labels.yaml", "production: v2\nstaging: v2\n");

        (await PushAsync(langfuse)).ShouldBe((0, "greeter v1: unchanged\ngreeter v2: unchanged, production moved to it\n", ""));

        langfuse.Fake.Prompts.Labels(Prompt, 1).ShouldBe(["v1"]);
        langfuse.Fake.Prompts.Labels(Prompt, 2).ShouldContain("production");
        langfuse.Fake.Prompts.Of(Prompt).Count.ShouldBe(2);
    }

    [Fact]
    public async Task MovedLabel_IsANewVersion_WhereNothingElseMovesIt()
    {
        await using var langfuse = new TestedLangfuse("2.95.12");
        await PushAsync(langfuse);
        Write("labels.yaml", "production: v2\nstaging: v2\n");

        var (_, output, _) = await PushAsync(langfuse);

        output.ShouldBe("greeter v1: unchanged\ngreeter v2: pushed again, as Langfuse 2.95 moves labels by nothing else, production, staging (version 3 in Langfuse: the numbers differ)\n");
        langfuse.Fake.Prompts.Labels(Prompt, 3).ShouldContain("production");
        (await PushAsync(langfuse)).Output.ShouldBe("greeter v1: unchanged\ngreeter v2: unchanged (version 3 in Langfuse: the numbers differ)\n");
    }

    [Fact]
    public async Task TextThatChangedUnderItsNumber_IsPushedAgain_AndTold()
    {
        await using var langfuse = new TestedLangfuse("4.16.0");
        await PushAsync(langfuse);
        Write("v1.yaml", TestedPrompts.FileOf(1, user: "Good day {{name}}"));

        var (_, output, _) = await PushAsync(langfuse);

        output.ShouldStartWith("greeter v1: pushed again, as its text is another now, production (version 3 in Langfuse: the numbers differ)\n");
        langfuse.Fake.Prompts.Of(Prompt)[2]["prompt"]!.ToJsonString().ShouldBe("""[{"role":"user","content":"Good day {{name}}"}]""");
    }

    [Fact]
    public async Task RefusedLabel_EndsIt_AndIsNamed()
    {
        await using var langfuse = new TestedLangfuse("4.16.0");
        Write("labels.yaml", "Production: v2\n");

        var (exitCode, output, errors) = await PushAsync(langfuse);

        (exitCode, output).ShouldBe((1, "greeter v1: pushed\n"));
        errors.ShouldBe("""greeter v2 is refused: Langfuse answers 400: {"message":"Label 'Production' is not valid","error":"InvalidRequestError"}""" + "\n");
    }

    [Fact]
    public async Task FileAtFault_IsTold_AndTheRestPushed()
    {
        await using var langfuse = new TestedLangfuse("4.16.0");
        Write("v3.yaml", "name: greeter\nversion: v4\nuser: hi\n");

        var (exitCode, output, errors) = await PushAsync(langfuse);

        exitCode.ShouldBe(1);
        output.ShouldBe("greeter v1: pushed, production\ngreeter v2: pushed, staging\n");
        errors.ShouldContain("greeter/v3.yaml");
        langfuse.Fake.Prompts.Of(Prompt).Count.ShouldBe(2);
    }

    [Fact]
    public async Task WithoutKeys_ItSaysWhatToSet()
    {
        var (exitCode, _, errors) = await PushAsync("http://localhost:1", "pk-lf", "");

        exitCode.ShouldBe(1);
        errors.ShouldBe("The configuration has a fault:\n  Gateway:Telemetry:Langfuse:SecretKey (LANGFUSE_SECRET_KEY) is missing.\n");
    }

    [Fact]
    public async Task WithoutAServer_ItSaysSo()
    {
        var (exitCode, _, errors) = await PushAsync("http://localhost:1", "pk-lf", "sk-lf");

        exitCode.ShouldBe(1);
        errors.ShouldStartWith("Langfuse cannot be reached: ");
    }

    [Fact]
    public async Task WithoutPrompts_ItSaysWhereItLooked()
    {
        Directory.Delete(Path.Combine(_folder, "prompts", Prompt), recursive: true);

        var (exitCode, _, errors) = await PushAsync("http://localhost:1", "pk-lf", "sk-lf");

        (exitCode, errors).ShouldBe((1, $"There are no prompts in {Path.Combine(_folder, "prompts")}.\n"));
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder, "prompts", Prompt, file), text);

    private Task<(int ExitCode, string Output, string Errors)> PushAsync(TestedLangfuse langfuse) =>
        PushAsync(langfuse.Server.BaseAddress.AbsoluteUri, FakeLangfuse.PublicKey, FakeLangfuse.SecretKey);

    private async Task<(int ExitCode, string Output, string Errors)> PushAsync(string host, string user, string password)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LlmOps.Gateway.dll"), "push-prompts"]) { WorkingDirectory = _folder };
        foreach (var name in EnvironmentNames.All)
        {
            start.Environment.Remove(name.Name);
        }

        start.Environment["LANGFUSE_HOST"] = host;
        start.Environment["LANGFUSE_PUBLIC_KEY"] = user;
        start.Environment["LANGFUSE_SECRET_KEY"] = password;
        var run = await ProgramRun.OfAsync(start);
        return (run.ExitCode, run.Output, run.Errors);
    }
}
