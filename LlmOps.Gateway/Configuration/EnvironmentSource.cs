using System.Collections;

namespace LlmOps.Gateway.Configuration;

/// <summary>
/// Settings from variables: the short names of <see cref="EnvironmentNames"/>, NAME_FILE for secrets, and
/// <c>Gateway__…</c>. Serves the process environment, .env and a folder of secrets alike.
/// </summary>
internal sealed class EnvironmentSource(Func<IReadOnlyDictionary<string, string>> readVariables) : IConfigurationSource
{
    /// <summary>Ends the name of a variable that names a file with the value.</summary>
    public const string FileSuffix = "_FILE";

    private const string SectionPrefix = GatewayOptions.SectionName + "__";

    /// <summary>The process environment as it is now.</summary>
    public static EnvironmentSource Process() => new(() =>
        Collect(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => ((string)entry.Key, (string?)entry.Value ?? ""))));

    /// <summary>The <c>.env</c> file at <paramref name="path"/>; nothing if there is none.</summary>
    public static EnvironmentSource DotEnv(string path) => new(() => DotEnvFile.Read(path));

    /// <summary>A folder with a file per variable, as container platforms mount secrets; nothing if there is none.</summary>
    public static EnvironmentSource SecretsFolder(string path) => new(() => ReadFolder(path));

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(readVariables);

    private static Dictionary<string, string> ReadFolder(string path) =>
        Directory.Exists(path)
            ? Collect(Directory.EnumerateFiles(path).Where(file => IsKnown(Path.GetFileName(file))).Select(file => (Path.GetFileName(file), ReadText(file, file))))
            : [];

    // Names may differ in letter case alone, as http_proxy and HTTP_PROXY often do; the one in capitals wins.
    private static Dictionary<string, string> Collect(IEnumerable<(string Name, string Value)> variables)
    {
        var collected = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in variables.OrderBy(variable => variable.Name, StringComparer.Ordinal))
        {
            collected.TryAdd(name, value);
        }

        return collected;
    }

    private static string ReadText(string path, string name)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{name} names '{path}', which cannot be read: {exception.Message}"]);
        }
    }

    private static bool IsKnown(string name) =>
        name.StartsWith(SectionPrefix, StringComparison.OrdinalIgnoreCase)
        || EnvironmentNames.PromptOf(name) is not null
        || EnvironmentNames.All.Any(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private sealed class Provider(Func<IReadOnlyDictionary<string, string>> readVariables) : ConfigurationProvider
    {
        public override void Load()
        {
            var variables = readVariables();

            // Later ones overwrite, so the list runs from the weakest name to the strongest.
            foreach (var name in EnvironmentNames.All.Reverse())
            {
                var value = variables.GetValueOrDefault(name.Name);
                if (string.IsNullOrWhiteSpace(value) && name.IsSecret)
                {
                    value = ReadFile(variables.GetValueOrDefault(name.Name + FileSuffix), name.Name + FileSuffix);
                }

                if (!string.IsNullOrWhiteSpace(value) && (name.Convert?.Invoke(value.Trim()) ?? value.Trim()) is { Length: > 0 } converted)
                {
                    Data[name.Key] = converted;
                }
            }

            // Those of .env too: the start answers them.
            foreach (var name in EnvironmentNames.Unused.Keys)
            {
                if (variables.GetValueOrDefault(name) is { } value && !string.IsNullOrWhiteSpace(value))
                {
                    Data[name] = value.Trim();
                }
            }

            foreach (var (name, value) in variables.Where(variable => EnvironmentNames.PromptOf(variable.Key) is not null && !string.IsNullOrWhiteSpace(variable.Value)))
            {
                Data[$"{EnvironmentNames.PromptVersionKey}:{EnvironmentNames.PromptOf(name)}"] = value.Trim();
            }

            foreach (var (name, value) in variables.Where(variable => variable.Key.StartsWith(SectionPrefix, StringComparison.OrdinalIgnoreCase)))
            {
                var isFile = name.EndsWith(FileSuffix, StringComparison.OrdinalIgnoreCase);
                var key = (isFile ? name[..^FileSuffix.Length] : name).Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
                if ((isFile ? ReadFile(value, name) : value) is { } text && !(isFile && variables.ContainsKey(name[..^FileSuffix.Length])))
                {
                    Data[key] = text;
                }
            }
        }

        private static string? ReadFile(string? path, string name) => string.IsNullOrWhiteSpace(path) ? null : ReadText(path, name);
    }
}
