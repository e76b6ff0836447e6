using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace LlmOps.Tests.Deployment;

/// <summary>The gateway as its image has it: another user than root, who may write its data folder and temporary files, and nothing else.</summary>
public sealed class ReadOnlyInstallTests : IDisposable
{
    private const string AdministratorKey = "sk-of-a-read-only-install";
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    private string Data => Path.Combine(_folder, "home", "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnprivilegedFact]
    public async Task ChatsRecordsAndStops_WithoutWritingAnythingElse()
    {
        var work = Directory.CreateDirectory(Path.Combine(_folder, "work")).FullName;
        foreach (var writable in new[] { "home", "tmp" }.Select(name => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName))
        {
            await UnprivilegedUser.OwnAsync(writable);
        }

        File.SetUnixFileMode(work, ReadOnly);
        File.SetUnixFileMode(_folder, ReadOnly);
        var port = Ports.Free();
        (string, string)[] variables =
        [
            ("ASPNETCORE_HTTP_PORTS", port.ToString(CultureInfo.InvariantCulture)),
            ("Gateway__Data__Folder", Data),
            ("HOME", work),
            ("TMPDIR", Path.Combine(_folder, "tmp")),
            ("LLMOPS_ADMIN_KEY", AdministratorKey),
        ];
        await using (var gateway = await GatewayProcess.Start(UnprivilegedUser.As(GatewayProcess.Command(work, variables)), port).ReadyAsync())
        {
            gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", AdministratorKey);
            using var chat = await gateway.Http.PostAsync("/chat", new StringContent("""{"prompt":"What is 6 * 7?"}""", MediaTypeHeaderValue.Parse("application/json")));
            (await chat.Content.ReadAsStringAsync()).ShouldContain("6 * 7 = 42");
            (await gateway.Http.GetStringAsync("/health")).ShouldContain("\"status\":\"healthy\",\"service\"");
            (await ProgramRun.OfAsync(UnprivilegedUser.As(GatewayProcess.Command(work, variables, "--health")))).ShouldBe(new ProgramRun(0, "", ""));

            gateway.Terminate();

            (await gateway.ExitAsync()).ShouldBe(0);
        }

        File.SetUnixFileMode(_folder, ReadOnly | UnixFileMode.UserWrite);
        Directory.EnumerateFileSystemEntries(work).ShouldBeEmpty();
        File.Exists(Path.Combine(Data, "llmops.db")).ShouldBeTrue();
    }
}

/// <summary>A test as a user who may not write everything; it is skipped where there is no way to be one.</summary>
internal sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute() => Skip = UnprivilegedUser.Missing;
}

/// <summary>The image's user where tests run as root, else whoever runs them.</summary>
internal static class UnprivilegedUser
{
    private const string Id = "1654";

    /// <summary>Why programs cannot be run as another user; null where they can, or need not.</summary>
    public static string? Missing { get; } = Environment.IsPrivilegedProcess ? Reason() : null;

    /// <summary>The same command as that user.</summary>
    public static ProcessStartInfo As(ProcessStartInfo command)
    {
        if (Environment.IsPrivilegedProcess)
        {
            string[] arguments = ["--reuid", Id, "--regid", Id, "--clear-groups", command.FileName, .. command.ArgumentList];
            command.FileName = "setpriv";
            command.ArgumentList.Clear();
            arguments.ToList().ForEach(command.ArgumentList.Add);
        }

        return command;
    }

    /// <summary>Gives a folder to that user.</summary>
    public static async Task OwnAsync(string folder)
    {
        if (Environment.IsPrivilegedProcess)
        {
            (await ProgramRun.OfAsync(new ProcessStartInfo("chown", [$"{Id}:{Id}", folder]))).ExitCode.ShouldBe(0);
        }
    }

    private static string? Reason()
    {
        try
        {
            using var reading = Process.Start(As(new ProcessStartInfo("test", ["-r", Path.Combine(AppContext.BaseDirectory, "LlmOps.Gateway.dll")])))!;
            reading.WaitForExit();
            return reading.ExitCode == 0 ? null : "The tests run as root, from a folder that no other user may read.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "The tests run as root, and there is no setpriv.";
        }
    }
}
