package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import java.time.Instant
import pocketkms.api.*

/** The registry of principals and what policies decide, as Kotlin sees them. */
class RegistryTest {
    private val alice = "arn:aws:iam::111122223333:user/alice"
    private val app = "arn:aws:iam::111122223333:role/app"

    private fun document(statement: String) = """{"Version":"2012-10-17","Statement":$statement}"""

    @Test
    fun identityPoliciesDecideAndSimulateSaysWhy() =
        Vault.inMemory(RootKey.fromBytes(ByteArray(32)), accountId = "111122223333").use { host ->
            val key = host.client().createKey(CreateKeyRequest()).keyMetadata.keyId
            val allow = document("""{"Effect":"Allow","Action":"kms:DescribeKey","Resource":"*"}""")
            val entity = IamEntity(alice, policies = listOf(IamPolicy("describe", allow)))
            host.putIamEntity(entity)
            assertEquals(entity, host.getIamEntity(alice))
            assertEquals(
                listOf("arn:aws:iam::111122223333:root", alice),
                host.listIamEntities(ListIamEntitiesRequest()).arns,
            )
            val kms = host.client(principal = alice)
            kms.describeKey(DescribeKeyRequest(key))
            assertThrows<KmsException.AccessDenied> { kms.encrypt(EncryptRequest(key, "x".toByteArray())) }
            val denied = host.simulate(SimulateRequest("kms:Encrypt", key), principal = alice)
            assertFalse(denied.allowed)
            assertEquals("needed: an identity policy of $alice that allows kms:Encrypt", denied.explanation.first())
            assertTrue(host.simulate(SimulateRequest("kms:DescribeKey", key), principal = alice).allowed)
            assertThrows<KmsException.NotFound> { host.client(principal = "arn:aws:iam::111122223333:user/nobody") }
            host.removeIamEntity(alice)
            assertThrows<KmsException.AccessDenied> { kms.describeKey(DescribeKeyRequest(key)) }
            Unit
        }

    @Test
    fun rolesAreAssumedWithWhatTheAppStates() =
        Vault.inMemory(RootKey.fromBytes(ByteArray(32)), accountId = "111122223333").use { host ->
            val key = host.client().createKey(CreateKeyRequest()).keyMetadata.keyId
            val condition =
                """{"StringEquals":{"aws:PrincipalTag/team":"x"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"""
            val use = document("""{"Effect":"Allow","Action":"kms:DescribeKey","Resource":"*","Condition":$condition}""")
            val trust = document("""{"Effect":"Allow","Principal":{"AWS":"$alice"},"Action":"sts:*"}""")
            host.putIamEntity(IamEntity(alice))
            host.putIamEntity(IamEntity(app, policies = listOf(IamPolicy("use", use)), assumeRolePolicyDocument = trust))
            val session = SessionContext(tags = listOf(Tag("team", "x")), sourceIp = "10.0.0.1")
            val kms = host.assumeRole(AssumeRoleRequest(app, "one", session = session), principal = alice)
            assertEquals("arn:aws:sts::111122223333:assumed-role/app/one", kms.caller().principal)
            kms.describeKey(DescribeKeyRequest(key))
            val bare = host.assumeRole(AssumeRoleRequest(app, "two"), principal = alice)
            assertThrows<KmsException.AccessDenied> { bare.describeKey(DescribeKeyRequest(key)) }
            host.client(principal = bare.caller().principal, session = session).describeKey(DescribeKeyRequest(key))
            assertThrows<KmsException.AccessDenied> {
                host.assumeRole(AssumeRoleRequest(app + "2", "one"), principal = alice)
            }
            // What is true of the caller counts, too: its session has ended.
            val ended = SessionContext(expiration = Instant.EPOCH)
            assertThrows<KmsException.ExpiredToken> {
                host.assumeRole(AssumeRoleRequest(app, "six"), principal = alice, session = ended)
            }
            Unit
        }

    @Test
    fun requestQuotasByTheVaultsClock() = Fixture().use { fixture ->
        val describe = { fixture.kms.describeKey(DescribeKeyRequest(fixture.keyId)) }
        fixture.vault.setRequestQuotas(listOf(RequestQuota("DescribeKey", 2), RequestQuota("CreateKey", 1, 60)))
        repeat(2) { describe() }
        assertThrows<KmsException.Throttling> { describe() }
        fixture.kms.createKey(CreateKeyRequest())
        fixture.clock.advance(1.0)
        describe()
        assertThrows<KmsException.Throttling> { fixture.kms.createKey(CreateKeyRequest()) }
        fixture.vault.setRequestQuotas(null)
        repeat(3) { fixture.kms.createKey(CreateKeyRequest()) }
        assertThrows<KmsException.Validation> { fixture.vault.setRequestQuotas(listOf(RequestQuota("DescribeKey", -1))) }
        Unit
    }
}
