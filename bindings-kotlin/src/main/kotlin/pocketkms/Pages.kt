package pocketkms

import pocketkms.api.*

// Lists, page by page: each page is asked for when the iteration comes to it, and each iteration starts with the first page. Those
// of the operations of AWS KMS are made of the list of operations (OperationPages.kt).
//
//     kms.paginate(ListKeysRequest(limit = 100)).flatMap { it.keys }.forEach { println(it.keyArn) }

/** All pages of the branch keys. The iteration throws what [Kms.listBranchKeys] throws. */
fun KmsInterface.paginate(request: ListBranchKeysRequest): Sequence<ListBranchKeysResponse> =
    pages(request.marker, ListBranchKeysResponse::nextMarker) { listBranchKeys(request.copy(marker = it)) }

/** All pages of the parcel keys. The iteration throws what [Kms.listParcelKeys] throws. */
fun KmsInterface.paginate(request: ListParcelKeysRequest): Sequence<ListParcelKeysResponse> =
    pages(request.marker, ListParcelKeysResponse::nextMarker) { listParcelKeys(request.copy(marker = it)) }

internal fun <Page : Any> pages(marker: String?, next: (Page) -> String?, page: (String?) -> Page): Sequence<Page> =
    generateSequence({ page(marker) }) { last -> next(last)?.let(page) }
