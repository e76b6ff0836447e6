namespace LlmOps.Gateway.Endpoints;

/// <summary>A text as a field of CSV: RFC 4180. One that a spreadsheet would take for a formula is given an apostrophe (OWASP, CSV injection).</summary>
internal static class CsvField
{
    /// <summary>The field; for texts alone, as a number may begin with a minus.</summary>
    public static string Of(string value)
    {
        if (value is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
        {
            value = "'" + value;
        }

        return value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }
}
