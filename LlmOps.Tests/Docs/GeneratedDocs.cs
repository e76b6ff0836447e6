using System.Text.RegularExpressions;

namespace LlmOps.Tests.Docs;

/// <summary>Parts of docs/ that are generated from the code, between markers. With LLMOPS_UPDATE_DOCS=1 the tests write them.</summary>
internal static class GeneratedDocs
{
    /// <summary>Holds the part equal to what the code says, or writes it.</summary>
    public static void Verify(string document, string part, string expected)
    {
        var path = Path.Combine(RepositoryRoot(), "docs", document);
        var text = File.ReadAllText(path);
        var match = Regex.Match(text, $"(?<=<!-- generated: {part} -->\n).*?(?=<!-- end of {part} -->)", RegexOptions.Singleline);
        match.Success.ShouldBeTrue($"docs/{document} has no part '{part}'");
        if (Environment.GetEnvironmentVariable("LLMOPS_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, text[..match.Index] + expected + text[(match.Index + match.Length)..]);
            return;
        }

        match.Value.ShouldBe(expected, $"docs/{document} is out of date: run the tests once with LLMOPS_UPDATE_DOCS=1");
    }

    /// <summary>The folder of the solution.</summary>
    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LlmOps.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests do not run below the folder of LlmOps.sln.");
    }
}
