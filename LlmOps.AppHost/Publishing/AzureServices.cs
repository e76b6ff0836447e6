using Azure.Provisioning.PostgreSql;
using Azure.Provisioning.RedisEnterprise;

namespace LlmOps.AppHost.Publishing;

/// <summary>Redis and PostgreSQL as Azure has them, with keys and passwords: the gateway has no Azure identity.</summary>
internal static class AzureServices
{
    /// <summary>Adds Azure Managed Redis. Its connection string, host:port,ssl=true,password=…, is a secret in a key vault.</summary>
    public static void AddManagedRedis(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> gateway)
    {
        // Aspire.Hosting.Azure.Redis/AzureManagedRedisExtensions.cs, Aspire.Hosting.Azure/AzureProvisioningResourceExtensions.cs
        var redis = builder.AddAzureManagedRedis("redis").WithAccessKeyAuthentication().ConfigureInfrastructure(infrastructure =>
        {
            // One address for all: the nodes of an open cluster give theirs as numbers, which no certificate has.
            infrastructure.GetProvisionableResources().OfType<RedisEnterpriseDatabase>().Single().ClusteringPolicy = RedisEnterpriseClusteringPolicy.EnterpriseCluster;
        });
        gateway.WithEnvironment(GatewayEnvironment.Redis, redis);
    }

    /// <summary>Adds Azure Database for PostgreSQL. Its connection string, Host=…;Username=…;Password=…;Database=…, is a secret in a key vault.</summary>
    public static void AddFlexiblePostgres(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ParameterResource> password)
    {
        // Aspire.Hosting.Azure.PostgreSQL/AzurePostgresExtensions.cs
        var postgres = builder.AddAzurePostgresFlexibleServer("postgres").WithPasswordAuthentication(password: password).ConfigureInfrastructure(infrastructure =>
        {
            // 414 connections. Aspire's choice, B1ms, lets 35 in, and each gateway may have 9: those of an old and a new revision at once, too.
            infrastructure.GetProvisionableResources().OfType<PostgreSqlFlexibleServer>().Single().Sku = new() { Name = "Standard_B2s", Tier = PostgreSqlFlexibleServerSkuTier.Burstable };
        });
        gateway.WithEnvironment(GatewayEnvironment.Database, postgres.AddDatabase("llmops"));
    }
}
