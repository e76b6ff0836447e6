using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Functions.BuiltIn;

/// <summary>The tools that the gateway brings along. There to be offered; who is offered them, lists say.</summary>
internal sealed class BuiltInOptions
{
    /// <summary>Whether there is current_time: date and time in a time zone.</summary>
    public bool CurrentTime { get; set; } = true;

    /// <summary>Whether there is calculator: exact arithmetic.</summary>
    public bool Calculator { get; set; } = true;

    /// <summary>http_get: the text of a page.</summary>
    public HttpGetOptions HttpGet { get; set; } = new();

    /// <summary>Adds what is wrong with them.</summary>
    public void Validate(List<string> faults) => faults.AddRange(HttpGet.Hosts
        .Where(host => !HttpGetOptions.IsHost(host))
        .Select(host => $"{FunctionOptions.SectionName}:{nameof(FunctionOptions.BuiltIn)}:{nameof(HttpGet)}:{nameof(HttpGetOptions.Hosts)} has '{host}'; expected a host such as api.example.com, *.example.com or localhost:8081."));
}

/// <summary>Settings of http_get, which is there where it has hosts.</summary>
internal sealed class HttpGetOptions
{
    /// <summary>The hosts that may be asked: api.example.com, *.example.com for all below it, with :PORT where it is not the scheme's own. Empty: the tool is not there.</summary>
    public List<string> Hosts { get; set; } = [];

    /// <summary>The most bytes of a body that are read.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxBytes { get; set; } = 1024 * 1024;

    /// <summary>Whether the hosts may lead to this machine, a private network or a reserved address.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Whether a URL leads to one of the hosts.</summary>
    public bool Allows(Uri url)
    {
        foreach (var host in Hosts)
        {
            var (name, port) = Split(host);
            if ((port is null ? url.IsDefaultPort : url.Port == port)
                && (name.StartsWith("*.", StringComparison.Ordinal) ? url.IdnHost.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase) : url.IdnHost.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it is a host as the list has them.</summary>
    public static bool IsHost(string text)
    {
        var (name, port) = Split(text);
        var plain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return port is null or (> 0 and <= ushort.MaxValue) && Uri.CheckHostName(plain) is UriHostNameType.Dns or UriHostNameType.IPv4;
    }

    private static (string Name, int? Port) Split(string host) =>
        host.LastIndexOf(':') is > 0 and var colon ? (host[..colon], int.TryParse(host.AsSpan(colon + 1), out var port) ? port : -1) : (host, null);
}
