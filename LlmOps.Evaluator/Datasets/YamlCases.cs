using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Evaluator.Datasets;

/// <summary>Reads YAML: a list of cases, <c>cases</c>.</summary>
internal static class YamlCases
{
    // Some hundred thousand cases; each value takes about a hundred bytes while it is read.
    private const int MostValues = 2_000_000;

    /// <summary>Reads them.</summary>
    public static void Read(byte[] bytes, CaseList cases, FaultList faults)
    {
        if (InputFile.Text(bytes, faults) is not { } text)
        {
            return;
        }

        try
        {
            YamlText.Read(text, yaml => ReadAll(yaml, cases), MostValues);
        }
        catch (PromptFileException exception)
        {
            faults.Add(exception.Line, exception.Message);
        }
    }

    private static CaseList ReadAll(YamlText yaml, CaseList cases)
    {
        var body = yaml.Body;
        body.RefuseUnknown(body.Root, "cases");
        var list = body.Required(body.Root, "cases"u8, "a list of cases");
        foreach (var item in body.Array(list, "a list of cases").EnumerateArray())
        {
            cases.Add(body, item, path => yaml.LineOf(path) ?? 1);
        }

        return cases;
    }
}
