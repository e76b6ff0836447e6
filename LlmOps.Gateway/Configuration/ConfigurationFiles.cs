using System.Text.Json;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace LlmOps.Gateway.Configuration;

/// <summary>Where settings come from, and in which order.</summary>
internal static class ConfigurationFiles
{
    /// <summary>Keeps the framework from watching its settings files, which <see cref="AddGatewaySources"/> has watched otherwise.</summary>
    public const string WithoutWatching = "--hostBuilder:reloadConfigOnChange=false";

    private const string SettingsFile = "appsettings.json";
    private const string SecretsFolder = "/run/secrets";

    private static readonly JsonDocumentOptions JsonOptions = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// Completes the framework's sources. Weakest first: appsettings.json beside the program, appsettings.json in the
    /// working directory, .env, mounted secrets, short environment names, <c>Gateway__…</c>, command line.
    /// </summary>
    public static void AddGatewaySources(this ConfigurationManager configuration, string contentRoot)
    {
        var sources = ((IConfigurationBuilder)configuration).Sources;
        for (var index = 0; index < sources.Count; index++)
        {
            if (sources[index] is JsonConfigurationSource { FileProvider: PhysicalFileProvider folder, Path: { } path } file)
            {
                sources[index] = new JsonConfigurationSource { FileProvider = SettingsFolder.Of(folder.Root), Path = path, Optional = file.Optional, ReloadOnChange = true };
            }
        }

        if (Path.GetFullPath(contentRoot) != Path.GetFullPath(AppContext.BaseDirectory))
        {
            var firstJson = sources.IndexOf(sources.OfType<JsonConfigurationSource>().First());
            sources.Insert(firstJson, new JsonConfigurationSource
            {
                FileProvider = SettingsFolder.Of(AppContext.BaseDirectory),
                Path = SettingsFile,
                Optional = true,
                ReloadOnChange = true,
            });
        }

        var variables = sources.IndexOf(sources.OfType<EnvironmentVariablesConfigurationSource>().Last(source => string.IsNullOrEmpty(source.Prefix)));
        sources.Insert(variables, EnvironmentSource.DotEnv(Path.Combine(Directory.GetCurrentDirectory(), ".env")));
        sources.Insert(variables + 1, EnvironmentSource.SecretsFolder(SecretsFolder));
        sources.Insert(variables + 2, EnvironmentSource.Process());
    }

    /// <summary>From now on a settings file that breaks is a change that is refused, not an unhandled exception of its watcher.</summary>
    public static void TolerateBrokenFiles(IConfiguration configuration)
    {
        foreach (var (_, source) in Providers(configuration))
        {
            source.OnLoadException = failure => failure.Ignore = true;
        }
    }

    /// <summary>The settings files that are not JSON. The framework reads such a file as an empty one, which must not pass for a change.</summary>
    public static IEnumerable<string> Faults(IConfiguration configuration)
    {
        foreach (var (provider, source) in Providers(configuration))
        {
            if (source.FileProvider?.GetFileInfo(source.Path!) is { Exists: true, PhysicalPath: { } path } && FaultOf(path, provider) is { } fault)
            {
                yield return fault;
            }
        }
    }

    /// <summary>The settings files that there are.</summary>
    public static IReadOnlyList<string> Existing(IConfiguration configuration) =>
        [.. Providers(configuration).Select(pair => pair.Source.FileProvider?.GetFileInfo(pair.Source.Path!)).Where(file => file is { Exists: true, PhysicalPath: not null }).Select(file => file!.PhysicalPath!)];

    private static IEnumerable<(JsonConfigurationProvider Provider, FileConfigurationSource Source)> Providers(IConfiguration configuration) =>
        configuration is IConfigurationRoot root ? root.Providers.OfType<JsonConfigurationProvider>().Select(provider => (provider, provider.Source)) : [];

    private static string? FaultOf(string path, JsonConfigurationProvider provider)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var document = JsonDocument.Parse(stream, JsonOptions);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return $"{path} holds no JSON object.";
            }

            // It was broken when the framework read it and is whole now: another change is about to be signalled.
            return document.RootElement.EnumerateObject().Any() && !provider.GetChildKeys([], null).Any() ? $"{path} was read while it was being written." : null;
        }
        catch (JsonException exception)
        {
            return $"{path} is not valid JSON: {exception.Message}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {exception.Message}";
        }
    }
}
