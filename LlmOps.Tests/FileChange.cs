namespace LlmOps.Tests;

/// <summary>A change of a file as a test names it: create, change, delete or rename.</summary>
internal static class FileChange
{
    /// <summary>Has the file there before, where the change needs one.</summary>
    public static async Task PrepareAsync(string change, string file)
    {
        if (change != "create")
        {
            await File.WriteAllTextAsync(file, "{}");
        }
    }

    /// <summary>Makes it.</summary>
    public static async Task MakeAsync(string change, string file)
    {
        switch (change)
        {
            case "delete":
                File.Delete(file);
                break;
            case "rename":
                File.Move(file, file + ".old");
                break;
            default:
                await File.WriteAllTextAsync(file, "{ }");
                break;
        }
    }
}
