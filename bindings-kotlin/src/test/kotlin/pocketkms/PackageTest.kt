package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import pocketkms.api.*

/** What the jar has beside its operations. */
class PackageTest {
    @Test
    fun notices() {
        fun resource(name: String) = Kms::class.java.getResource("/META-INF/pocketkms/$name")!!.readText()
        val notices = resource("THIRD-PARTY-NOTICES.txt")
        for (part in listOf("aws-lc-sys ", "uniffi ", "Mozilla Public License")) assertTrue(part in notices, part)
        assertTrue("Apache" in resource("RUST-LIBRARY-NOTICES.html"))
        assertTrue("Apache License" in resource("LICENSE-APACHE"))
    }

    /** Each list has its pages: whatever takes a marker and is not here yet fails. */
    @Test
    fun everyListHasPages() {
        val lists = KmsInterface::class.java.methods.filter { method -> method.parameterTypes.any { type -> type.methods.any { it.name == "getMarker" } } }
        val paginated = listOf("PagesKt", "OperationPagesKt").flatMap { Class.forName("pocketkms.$it").methods.toList() }
            .filter { it.name == "paginate" }.map { it.parameterTypes[1] }
        assertEquals(lists.map { it.parameterTypes.single() }.toSet(), paginated.toSet())
        assertTrue(lists.size >= 5)
    }

    @Test
    fun pages() = Fixture().use { fixture ->
        val (kms, keyId) = fixture.kms to fixture.keyId
        repeat(4) {
            kms.createKey(CreateKeyRequest())
            kms.createAlias(CreateAliasRequest("alias/$it", keyId))
            kms.tagResource(TagResourceRequest(keyId, listOf(Tag("$it", ""))))
            kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(keyId))
            kms.createBranchKey(CreateBranchKeyRequest(keyId))
        }
        val keys = kms.paginate(ListKeysRequest(limit = 2))
        repeat(2) { // each iteration starts with the first page
            assertEquals(listOf(2, 2, 1), keys.map { it.keys.size }.toList())
            assertEquals(5, keys.flatMap { it.keys }.map { it.keyId }.toSet().size)
        }
        assertEquals(listOf(3, 1), kms.paginate(ListAliasesRequest(keyId, limit = 3)).map { it.aliases.size }.toList())
        assertEquals(listOf(1, 1, 1, 1), kms.paginate(ListKeyRotationsRequest(keyId, limit = 1)).map { it.rotations.size }.toList())
        assertEquals(listOf(3, 1), kms.paginate(ListResourceTagsRequest(keyId, limit = 3)).map { it.tags.size }.toList())
        assertEquals(listOf(4), kms.paginate(ListBranchKeysRequest(limit = 4)).map { it.branchKeys.size }.toList())

        // From a marker on, and no page sooner than it is asked for.
        val first = kms.listKeys(ListKeysRequest(limit = 2))
        assertEquals(listOf(2, 1), kms.paginate(ListKeysRequest(limit = 2, marker = first.nextMarker)).map { it.keys.size }.toList())
        val iterator = keys.iterator()
        iterator.next()
        fixture.vault.close()
        val error = runCatching { iterator.next() }.exceptionOrNull()
        assertTrue(error is KmsException.VaultClosed, "$error")
    }
}
