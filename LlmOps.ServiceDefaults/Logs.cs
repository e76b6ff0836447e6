using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Serilog;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Json;

namespace LlmOps.ServiceDefaults;

/// <summary>Structured logs: readable lines on a terminal, JSON elsewhere, and into a file if one is named.</summary>
internal static class Logs
{
    private const int LargestFile = 100 * 1024 * 1024;
    private const int FilesKept = 10;

    public static void AddLogs(this IHostApplicationBuilder builder)
    {
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        if (builder.Configuration["Logging:Console:FormatterName"] is null)
        {
            if (Console.IsOutputRedirected)
            {
                builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
                builder.Services.AddSingleton<ILoggerProvider>(services => new JsonLog(Console.OpenStandardOutput(), services.GetRequiredService<TimeProvider>()));
            }
            else
            {
                builder.Logging.AddSimpleConsole(simple =>
                {
                    simple.SingleLine = true;
                    simple.TimestampFormat = "HH:mm:ss.fff ";
                });
            }
        }

        if (builder.Configuration["Logging:File:Path"] is { Length: > 0 } path)
        {
            // Ten files of 100 MB at most: a log must not fill the disk.
            // Added as a mere provider, so that the levels configured for all hold for it.
            builder.Logging.AddProvider(new SerilogLoggerProvider(
                new LoggerConfiguration()
                    .MinimumLevel.Verbose()
                    .WriteTo.File(new JsonFormatter(renderMessage: true), path, fileSizeLimitBytes: LargestFile, rollOnFileSizeLimit: true, retainedFileCountLimit: FilesKept)
                    .CreateLogger(),
                dispose: true));
        }
    }
}
