using System.Reflection;

namespace LlmOps.Gateway.Endpoints;

/// <summary>The version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>The program's own.</summary>
    public static readonly string Own =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The version to show: a configured one, else the program's own.</summary>
    public static string Shown(EndpointOptions options) => options.ServiceVersion ?? Own;
}
