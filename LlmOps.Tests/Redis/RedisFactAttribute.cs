namespace LlmOps.Tests.Redis;

/// <summary>A test that needs redis-server; it is skipped where that is missing.</summary>
internal sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RedisServer.Missing;
}

/// <inheritdoc cref="RedisFactAttribute"/>
internal sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RedisServer.Missing;
}
