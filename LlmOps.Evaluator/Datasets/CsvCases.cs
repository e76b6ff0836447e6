using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Evaluator.Datasets;

/// <summary>Reads CSV: the first line names the columns, each other record is a case. A field that is empty is one that is not there.</summary>
internal static class CsvCases
{
    // What is no JSON by the rules for cases stays a text. The case around a value takes levels too.
    private static readonly JsonDocumentOptions ValueOptions = new() { MaxDepth = 48, AllowDuplicateProperties = false };

    /// <summary>Reads them.</summary>
    public static void Read(byte[] bytes, CaseList cases, FaultList faults)
    {
        if (InputFile.Text(bytes, faults) is not { } text)
        {
            return;
        }

        List<CsvColumn>? columns = null;
        try
        {
            foreach (var (line, fields) in new CsvText(text).Records())
            {
                if (columns is null)
                {
                    columns = Columns(line, fields, faults);
                }
                else if (fields.Count != columns.Count)
                {
                    faults.Add(line, string.Create(CultureInfo.InvariantCulture, $"The record has {fields.Count} fields; expected {columns.Count}, as the first line has."));
                }
                else
                {
                    var body = JsonBody.Parse(Encoding.UTF8.GetBytes(Case(line, columns, fields).ToJsonString()), "The record");
                    cases.Add(body, body.Root, _ => line);
                }
            }
        }
        catch (PromptFileException exception)
        {
            faults.Add(exception.Line, exception.Message);
        }
    }

    private static List<CsvColumn> Columns(int line, IReadOnlyList<string> names, FaultList faults)
    {
        List<CsvColumn> columns = [.. names.Select(name => CsvColumn.Parse(name.Trim()))];
        if (columns is [{ Field: "variables" } only] && only.Name.AsSpan().ContainsAny(";\t"))
        {
            faults.Add(line, "There is one column; expected commas between columns.");
        }

        foreach (var (column, index) in columns.Select((column, index) => (column, index)))
        {
            if (column.Name.Length == 0 && column.Field is "variables" or "metadata" or "human")
            {
                faults.Add(line, string.Create(CultureInfo.InvariantCulture, $"Column {index + 1} has no name; expected one."));
            }
            else if (columns.IndexOf(column) < index)
            {
                faults.Add(line, $"Column {names[index].Trim()} is there twice; expected it once.");
            }
        }

        return columns;
    }

    private static JsonObject Case(int line, List<CsvColumn> columns, IReadOnlyList<string> fields)
    {
        var item = new JsonObject { ["id"] = string.Create(CultureInfo.InvariantCulture, $"line-{line}"), ["variables"] = new JsonObject() };
        foreach (var (column, value) in columns.Zip(fields).Where(pair => pair.Second.Length > 0))
        {
            switch (column.Field)
            {
                case "variables":
                    Member(item, "variables")[column.Name] = value;
                    break;
                case "metadata":
                    Member(item, "metadata")[column.Name] = JsonOrText(value, '{', '[');
                    break;
                case "human":
                    Member(Member(item, "human"), column.Name)[column.Version!] = value;
                    break;
                case "references":
                    ((JsonArray)(item["references"] ??= new JsonArray())).Add(value);
                    break;
                case "tags":
                    item["tags"] = new JsonArray([.. value.Split([';', '|'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(tag => (JsonNode?)tag)]);
                    break;
                case "weight":
                    item["weight"] = JsonOrText(value, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-');
                    break;
                case var field:
                    item[field] = field == "id" ? value : JsonOrText(value, '{', '[');
                    break;
            }
        }

        return item;
    }

    private static JsonObject Member(JsonObject parent, string name) => (JsonObject)(parent[name] ??= new JsonObject());

    // JSON where it begins as that and is; else the text that it is.
    private static JsonNode? JsonOrText(string value, params ReadOnlySpan<char> starts)
    {
        if (value.AsSpan().TrimStart() is not [var first, ..] || !starts.Contains(first))
        {
            return value;
        }

        try
        {
            return JsonNode.Parse(value, documentOptions: ValueOptions);
        }
        catch (JsonException)
        {
            return value;
        }
    }
}
