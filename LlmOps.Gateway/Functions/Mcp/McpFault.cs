using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>What an exception of the MCP client means. Nothing that a server has said is in it: it may say its own credentials.</summary>
internal static class McpFault
{
    /// <summary>Why a server cannot be used.</summary>
    public static string Of(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException => "it did not answer in time",
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } refused => string.Create(CultureInfo.InvariantCulture, $"it does not accept the credential (HTTP {(int)refused.StatusCode})"),
        HttpRequestException { StatusCode: { } status } => string.Create(CultureInfo.InvariantCulture, $"it answered HTTP {(int)status}"),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its host name is unknown",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS failed",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } or SocketException => "the connection was refused or failed",
        HttpRequestException => "it ended the connection without an answer",
        ClientTransportClosedException closed => Of(closed.Details),
        McpProtocolException protocol => string.Create(CultureInfo.InvariantCulture, $"it answered with the error {(int)protocol.ErrorCode}"),
        IOException { InnerException: Win32Exception } => "its program cannot be started",
        IOException => "its program has ended, or the connection to it broke",
        McpException or JsonException => "what it answered is no MCP that is understood",
        _ => exception.GetType().Name,
    };

    /// <summary>Why a connection has ended.</summary>
    public static string Of(ClientCompletionDetails details) => details switch
    {
        StdioClientCompletionDetails { ExitCode: { } code } => string.Create(CultureInfo.InvariantCulture, $"its program has ended (exit code {code})"),
        StdioClientCompletionDetails => "its program has ended",
        HttpClientCompletionDetails { HttpStatusCode: HttpStatusCode.NotFound } => "its session has ended",
        _ => "the connection has ended",
    };

    /// <summary>Whether its session is over: after a restart of the server, the next one will do.</summary>
    public static bool IsSessionLost(Exception exception) =>
        WasNotCarriedOut(exception) || exception is ClientTransportClosedException { Details: HttpClientCompletionDetails { HttpStatusCode: HttpStatusCode.NotFound } };

    /// <summary>Whether the server itself has said of this call that its session is over. Where another's call was told so, this one may have been carried out.</summary>
    public static bool WasNotCarriedOut(Exception exception) => exception is HttpRequestException { StatusCode: HttpStatusCode.NotFound };

    /// <summary>
    /// Whether it means that no further call would fare better before there is a new connection: there is none to be had, the
    /// credential is wrong, or a program has ended. All else is the failure of one call, and those of others go on.
    /// </summary>
    public static bool IsDown(Exception exception, bool isProgram) => exception switch
    {
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized } => true,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError } => true,
        ClientTransportClosedException or ObjectDisposedException or SocketException => true,
        IOException => isProgram,
        _ => false,
    };
}
