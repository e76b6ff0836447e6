using System.Security.Cryptography;
using System.Text.Json;
using StackExchange.Redis;

namespace LlmOps.Benchmarks.Servers;

/// <summary>What an answer from Redis costs at least on Kestrel: parse the request, hash it, one GET. No upstream.</summary>
internal static class BareRedisEndpoint
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);

    public static async Task RunAsync(int port, string redis)
    {
        var app = Server.On(port).Build();
        using var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        var answers = connection.GetDatabase();
        app.Run(async context =>
        {
            var body = await Server.ReadBodyAsync(context.Request);
            using var asked = JsonDocument.Parse(body);
            RedisKey key = $"bare:{Convert.ToHexString(SHA256.HashData(body))}";
            var answer = (byte[]?)await answers.StringGetAsync(key);
            if (answer is null)
            {
                answer = Completion.Whole.ToArray();
                await answers.StringSetAsync(key, answer, TimeToLive);
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        await app.RunAsync();
    }
}
