using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>Answers in Redis, for all replicas. Whatever Redis does, a look-up finds something or nothing.</summary>
internal sealed partial class RedisAnswers(IRedis redis, TimeProvider time, ILogger<RedisAnswers> logger)
{
    private const string Prefix = "llmops:cache:";
    private const byte Version = 1;
    private const byte Compressed = 1;

    // Version, flags, length of the facts.
    private const int HeadLength = 2 + sizeof(int);

    /// <summary>Whether there is a Redis to ask.</summary>
    public bool IsConfigured => redis.IsConfigured;

    /// <summary>Whether a look-up made now would be sent.</summary>
    public bool IsAvailable => redis.IsAvailable;

    /// <summary>The answer, if there is one, and whether Redis did not say.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="most">Largest answer that is taken, in bytes of its JSON.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<(CachedAnswer? Answer, bool Failed)> FindAsync(CacheKey key, int most, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await redis.ExecuteAsync("GET", [Name(key)], cancellationToken);
            return (reply.IsNull ? null : Read(reply.Bytes, most), false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (RedisException exception)
        {
            LogFailed("look-up", exception.Message);
            return (null, true);
        }
        catch (Exception exception)
        {
            // Something else wrote there: best-effort, whatever it is. Nobody waits until it is gone.
            LogFailed("look-up", exception.GetType().Name);
            _ = RemoveAsync(key);
            return (null, false);
        }
    }

    /// <summary>Removes what turned out to be no answer, so that it is not read again and again; best-effort.</summary>
    public async Task RemoveAsync(CacheKey key)
    {
        try
        {
            await redis.ExecuteAsync("DEL", [Name(key)]);
        }
        catch (Exception exception)
        {
            // It is passed over the next time as well.
            LogFailed("removing", exception is RedisException ? exception.Message : exception.GetType().Name);
        }
    }

    /// <summary>Keeps an answer.</summary>
    public async Task KeepAsync(CacheKey key, CachedAnswer answer, int compressFrom)
    {
        var milliseconds = (long)(answer.ExpiresAt - time.GetUtcNow()).TotalMilliseconds;
        if (milliseconds <= 0)
        {
            return;
        }

        try
        {
            await redis.ExecuteAsync("SET", [Name(key), Write(answer, compressFrom), "PX", milliseconds]);
        }
        catch (Exception exception)
        {
            // Nobody waits for it, and the next request asks the provider.
            LogFailed("storing", exception is RedisException ? exception.Message : exception.GetType().Name);
        }
    }

    private static RedisArgument Name(CacheKey key) => RedisArgument.Key(Prefix + key);

    private static byte[] Write(CachedAnswer answer, int compressFrom)
    {
        var facts = JsonSerializer.SerializeToUtf8Bytes(Facts.Of(answer), FactsContext.Default.Facts);
        var compressed = answer.Json.Length >= compressFrom;
        using var output = new MemoryStream(HeadLength + facts.Length + answer.Json.Length);
        output.WriteByte(Version);
        output.WriteByte(compressed ? Compressed : (byte)0);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, facts.Length);
        output.Write(length);
        output.Write(facts);
        if (compressed)
        {
            using var stream = new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true);
            stream.Write(answer.Json.Span);
        }
        else
        {
            output.Write(answer.Json.Span);
        }

        return output.ToArray();
    }

    /// <summary>Reads an answer; null where it is larger than is taken, which others may do.</summary>
    private static CachedAnswer? Read(ReadOnlyMemory<byte> bytes, int most)
    {
        var span = bytes.Span;
        var length = span.Length >= HeadLength && span[0] == Version ? BinaryPrimitives.ReadInt32LittleEndian(span[2..]) : -1;
        if (length < 0 || length > span.Length - HeadLength || JsonSerializer.Deserialize(span.Slice(HeadLength, length), FactsContext.Default.Facts) is not { } facts)
        {
            throw new InvalidDataException("No answer.");
        }

        var json = bytes[(HeadLength + length)..];
        var whole = span[1] == Compressed ? Decompress(json, most) : json;
        return whole is { } taken && taken.Length <= most ? facts.With(taken) : null;
    }

    private static ReadOnlyMemory<byte>? Decompress(ReadOnlyMemory<byte> bytes, int most)
    {
        using var input = new BrotliStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        using var output = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (input.Read(buffer) is > 0 and var read)
        {
            output.Write(buffer, 0, read);
            if (output.Length > most)
            {
                return null;
            }
        }

        return output.ToArray();
    }

    [LoggerMessage(LogLevel.Debug, "The cache's {What} in Redis was passed over: {Reason}")]
    private partial void LogFailed(string what, string reason);

    /// <summary>What is kept beside an answer's JSON.</summary>
    internal sealed record Facts(string Tenant, string Model, string? Prompt, string Provider, string ProviderModel, long? Nano, long Expires)
    {
        public static Facts Of(CachedAnswer answer) => new(
            answer.Tenant, answer.ModelName, answer.Prompt, answer.Provider, answer.ProviderModel, answer.Cost?.Value, answer.ExpiresAt.ToUnixTimeMilliseconds());

        public CachedAnswer With(ReadOnlyMemory<byte> json) => new(
            json, Tenant, Model, Prompt, Provider, ProviderModel, Nano is { } nano ? new NanoUsd(nano) : null, DateTimeOffset.FromUnixTimeMilliseconds(Expires));
    }

    [System.Text.Json.Serialization.JsonSerializable(typeof(Facts))]
    internal sealed partial class FactsContext : System.Text.Json.Serialization.JsonSerializerContext;
}
