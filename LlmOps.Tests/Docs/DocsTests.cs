using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Storage;

namespace LlmOps.Tests.Docs;

public sealed class DocsTests
{
    private static readonly Dictionary<string, string> Summaries =
        XDocument.Load(Path.Combine(AppContext.BaseDirectory, "LlmOps.Gateway.xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => string.Join(' ', (member.Element("summary")?.Value ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public void ErrorTable_IsThatOfTheCode()
    {
        var table = new StringBuilder("| code | status | type | meaning |\n|---|---|---|---|\n");
        foreach (var error in ErrorCode.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"| `{error.Code}` | {error.Status} | `{error.Type}` | {error.Meaning} |\n");
        }

        GeneratedDocs.Verify("api.md", "errors", table.ToString());
    }

    [Fact]
    public void ErrorTable_HasEveryCodeOnceForAStatus()
    {
        var declared = typeof(ErrorCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(ErrorCode)).Select(field => (ErrorCode)field.GetValue(null)!);

        ErrorCode.All.ShouldBe(declared, ignoreOrder: true);
        ErrorCode.All.Select(error => (error.Code, error.Status)).ShouldBeUnique();
    }

    [Fact]
    public void EnvironmentTable_IsThatOfTheCode()
    {
        var table = new StringBuilder("| variable | sets |\n|---|---|\n");
        foreach (var name in EnvironmentNames.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"| `{name.Name}`{(name.IsSecret ? $", `{name.Name}_FILE`" : "")} | `{name.Key}` |\n");
        }

        table.Append(CultureInfo.InvariantCulture, $"| `NAME{EnvironmentNames.PromptVersionSuffix}` | `{EnvironmentNames.PromptVersionKey}:NAME`: the version that the label `production` of prompt NAME is to name, such as `SUMMARIZER{EnvironmentNames.PromptVersionSuffix}=v2` |\n");
        GeneratedDocs.Verify("configuration.md", "environment", table.ToString());
    }

    [Fact]
    public void SettingsTable_IsThatOfTheCode()
    {
        var table = new StringBuilder("| key | default | meaning |\n|---|---|---|\n");
        Describe(table, typeof(GatewayOptions), new GatewayOptions(), GatewayOptions.SectionName);

        GeneratedDocs.Verify("configuration.md", "settings", table.ToString());
    }

    private static void Describe(StringBuilder table, Type type, object instance, string key)
    {
        foreach (var property in type.GetProperties())
        {
            var value = property.GetValue(instance);
            var path = $"{key}:{property.Name}";
            if (value is IDictionary or IList && property.PropertyType.GetGenericArguments()[^1] is { Namespace: not "System" } item && item != typeof(Secret))
            {
                var itemPath = value is IDictionary ? $"{path}:NAME" : $"{path}:0";
                Row(table, property, itemPath, "");
                Describe(table, item, Activator.CreateInstance(item)!, itemPath);
            }
            else if (value is IDictionary)
            {
                Row(table, property, $"{path}:NAME", "");
            }
            else if (value is not null && value.GetType() is { IsClass: true } nested && nested != typeof(string) && value is not IList && nested != typeof(Uri))
            {
                Describe(table, nested, value, path);
            }
            else
            {
                Row(table, property, path, type == typeof(DataOptions) && property.Name == nameof(DataOptions.Folder) ? "the user's local application data folder, under `llmops`" : Shown(value));
            }
        }
    }

    private static void Row(StringBuilder table, PropertyInfo property, string path, string value)
    {
        var summary = Summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}", "");
        summary.ShouldNotBeEmpty($"{property.DeclaringType.Name}.{property.Name} has no documentation");
        var range = property.GetCustomAttribute<RangeAttribute>() is { } bounds ? $" ({bounds.Minimum} to {bounds.Maximum})" : "";
        table.Append(CultureInfo.InvariantCulture, $"| `{path}` | {value} | {summary}{range} |\n");
    }

    private static string Shown(object? value) => value switch
    {
        null or IList or "" => "",
        _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };
}
