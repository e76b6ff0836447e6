using System.Reflection;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;
using Xunit.Sdk;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>The test with SQLite.</summary>
internal sealed class OnSqliteAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[SqliteDatabase.DatabaseName]];
}

/// <summary>The test with a real PostgreSQL; skipped where that is missing.</summary>
internal sealed class OnPostgresAttribute : DataAttribute
{
    public OnPostgresAttribute() => Skip = PostgresServer.Missing;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[PostgresDatabase.DatabaseName]];
}
