using System.Globalization;
using System.Net;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// The switch that asks a running gateway whether it is ready, by the settings that it runs with: a container's health check,
/// where there is neither shell nor curl. A gateway that is degraded is ready; one that starts or drains is not.
/// </summary>
internal static class HealthSwitch
{
    /// <summary>The switch.</summary>
    public const string Name = "--health";

    private const string Path = "/health/ready";

    // Below what health checks usually wait for their program, so that it is heard why.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Asks.</summary>
    /// <param name="settings">The command line, as the gateway takes it, without the switch.</param>
    /// <returns>The exit code: 0, or 1 with the reason in one line of the error output.</returns>
    public static async Task<int> RunAsync(string[] settings)
    {
        try
        {
            var configured = new CommandSettings(settings);
            var options = configured.Read<EndpointOptions>(nameof(GatewayOptions.Endpoints));
            if (configured.Faults.Count > 0)
            {
                return await NotReadyAsync(string.Join(' ', configured.Faults));
            }

            var listening = ListenSettings.OfFramework(configured.Configuration) is { Count: > 0 } framework ? framework : [ListenSettings.OfGateway(configured.Configuration, options)];
            return listening.Select(AddressToAsk).FirstOrDefault(address => address is not null) is { } address
                ? await AskAsync(address)
                : await NotReadyAsync($"The gateway listens on {string.Join(", ", listening)}: expected an http:// address with a port among them, the one kind that {Name} asks: a certificate is of another name than this machine's own.");
        }
        catch (ConfigurationException exception)
        {
            return await NotReadyAsync(string.Join(' ', exception.Faults));
        }
        catch (InvalidDataException exception)
        {
            return await NotReadyAsync($"{exception.Message} {exception.GetBaseException().Message}");
        }
        catch (FormatException exception)
        {
            return await NotReadyAsync($"An address to listen on (--urls, ASPNETCORE_URLS, ASPNETCORE_HTTP_PORTS or Kestrel:Endpoints) cannot be read: {exception.Message}");
        }
    }

    private static async Task<int> AskAsync(string address)
    {
        // A proxy of the environment is for what lies outside.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
        try
        {
            using var response = await http.GetAsync(new Uri(address + Path));
            return response.StatusCode switch
            {
                HttpStatusCode.OK => 0,
                HttpStatusCode.ServiceUnavailable => await NotReadyAsync($"{address}{Path} says 503: the gateway is starting or stopping."),
                var status => await NotReadyAsync($"{address}{Path} says {(int)status}, which is no gateway's answer."),
            };
        }
        catch (HttpRequestException exception)
        {
            return await NotReadyAsync($"{address} does not answer: {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            return await NotReadyAsync(string.Create(CultureInfo.InvariantCulture, $"{address} has not answered within {Patience.TotalSeconds} s."));
        }
    }

    /// <summary>How this machine reaches an address that is listened on; null where it cannot be asked by plain HTTP.</summary>
    /// <exception cref="FormatException">It is no address.</exception>
    private static string? AddressToAsk(string listening)
    {
        var address = BindingAddress.Parse(listening);
        if (address.Scheme != Uri.UriSchemeHttp || address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
        {
            return null;
        }

        // The server takes any name for all addresses; localhost is one of them, whichever of its two is there.
        var isOne = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && !ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any);
        return $"http://{(isOne ? address.Host : "localhost")}:{address.Port}";
    }

    private static async Task<int> NotReadyAsync(string why)
    {
        await Console.Error.WriteLineAsync(why.ReplaceLineEndings(" "));
        return 1;
    }
}
