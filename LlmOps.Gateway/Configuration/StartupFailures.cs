using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace LlmOps.Gateway.Configuration;

/// <summary>Tells what a person can mend in plain words instead of a stack trace.</summary>
internal static class StartupFailures
{
    /// <summary>Runs the program; its exit code is 1 when it could not start.</summary>
    public static async Task<int> RunAsync(Func<Task> program)
    {
        try
        {
            await program();
            return 0;
        }
        catch (OperationCanceledException)
        {
            // Told to stop while it was still starting: as asked.
            return 0;
        }
        catch (ConfigurationException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
        catch (InvalidDataException exception)
        {
            // A settings file that is not JSON; the innermost message has its line.
            Console.Error.WriteLine($"{exception.Message} {exception.GetBaseException().Message}");
            return 1;
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            Console.Error.WriteLine($"{exception.Message} Set another port by LLM_PORT, or --urls.");
            return 1;
        }
        catch (SocketException exception)
        {
            Console.Error.WriteLine($"The address to listen on cannot be used: {exception.Message}. Set another one by LLM_HOST and LLM_PORT, or --urls.");
            return 1;
        }
    }

    /// <summary>
    /// Builds the program so that its host does not log what stops it from starting, stack trace and all: whatever it is ends in
    /// <see cref="RunAsync"/> or as the program's unhandled exception.
    /// </summary>
    public static WebApplication BuildQuietly(this WebApplicationBuilder builder)
    {
        var started = false;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started && level >= LogLevel.Warning);
        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        return app;
    }
}
