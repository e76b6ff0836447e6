using System.Globalization;
using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

/// <summary>An answer as a text that a test can compare.</summary>
internal static class ShownReply
{
    public static string Show(this RedisReply reply) => reply.Kind switch
    {
        RedisReplyKind.Null => "null",
        RedisReplyKind.Integer => reply.Integer.ToString(CultureInfo.InvariantCulture),
        RedisReplyKind.Double => reply.Number.ToString("R", CultureInfo.InvariantCulture) + "d",
        RedisReplyKind.Boolean => reply.Integer == 1 ? "true" : "false",
        RedisReplyKind.Error => $"error({reply.ErrorText})",
        RedisReplyKind.SimpleString or RedisReplyKind.BulkString or RedisReplyKind.VerbatimString or RedisReplyKind.BigNumber => $"{reply.Kind}({reply.Text})",
        var kind => $"{kind}[{string.Join(", ", reply.Items.ToArray().Select(item => item.Show()))}]",
    };
}
