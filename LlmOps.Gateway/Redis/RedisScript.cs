using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Gateway.Redis;

/// <summary>A Lua script and the hash that a server knows it by.</summary>
internal sealed class RedisScript(string text)
{
    /// <summary>Removes a key if it has a value, ARGV: what was taken by a lease may have run out and be another's by now.</summary>
    public static readonly RedisScript DeleteIfEqual = new("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end");

    /// <summary>Its text.</summary>
    public string Text { get; } = text;

    /// <summary>Its SHA-1 in hexadecimal digits.</summary>
    public string Hash { get; } = HashOf(text);

    /// <summary>The command that runs it by its hash, or by its text.</summary>
    public RedisCommand Command(bool byText, RedisArgument[] keys, RedisArgument[] arguments) =>
        new(byText ? "EVAL" : "EVALSHA", [byText ? Text : Hash, keys.Length, .. keys.Select(RedisArgument.Key), .. arguments]);

    [SuppressMessage("Security", "CA5350", Justification = "Redis names scripts so; nothing rests on it.")]
    private static string HashOf(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
}
