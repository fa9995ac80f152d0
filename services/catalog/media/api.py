"""This is where calls to the media library come in."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import media_pb2 as pb
from shop.catalog.v1 import media_pb2_grpc

from . import messages
from .gate import Standard
from .library import Library
from .rights import Declarations


@dataclass
class MediaApi(media_pb2_grpc.MediaServiceServicer):
    """The pictures."""

    library: Library
    declarations: Declarations
    standard: Standard

    async def UploadMedia(self, request: pb.UploadMediaRequest, context: Any) -> pb.UploadMediaResponse:
        """Takes a picture in."""
        kept, again = await self.library.upload(
            request.content,
            messages.merchant(request.merchant_id),
            messages.purpose(request.purpose),
            request.alt,
            request.by,
        )
        return pb.UploadMediaResponse(media=messages.media(kept, self.standard), replayed=again)

    async def ShowMedia(self, request: pb.ShowMediaRequest, context: Any) -> pb.ShowMediaResponse:
        """A picture's bytes."""
        picture = await self.library.show(
            request.id, request.width, request.seen, staff=request.staff, merchant_id=request.merchant_id
        )
        return messages.shown(picture, request.seen)

    async def GetMedia(self, request: pb.GetMediaRequest, context: Any) -> pb.GetMediaResponse:
        """What is known of a picture."""
        return pb.GetMediaResponse(
            media=messages.media(await self.library.get(request.id, request.merchant_id), self.standard)
        )

    async def ListMedia(self, request: pb.ListMediaRequest, context: Any) -> pb.ListMediaResponse:
        """A merchant's pictures."""
        purpose = messages.purpose(request.purpose) if request.purpose else None
        merchant = messages.merchant(request.merchant_id)
        kept, more = await self.library.page(merchant, purpose, request.page.limit, request.page.cursor)
        return pb.ListMediaResponse(media=[messages.media(each, self.standard) for each in kept], next_cursor=more)

    async def DeleteMedia(self, request: pb.DeleteMediaRequest, context: Any) -> pb.DeleteMediaResponse:
        """Throws a picture away."""
        await self.library.remove(request.id, request.merchant_id)
        return pb.DeleteMediaResponse()

    async def SetMediaRights(self, request: pb.SetMediaRightsRequest, context: Any) -> pb.SetMediaRightsResponse:
        """Declares by what right it is shown."""
        rights = messages.declared(request.rights)
        kept = await self.declarations.declare(request.id, rights, request.if_version, request.merchant_id)
        return pb.SetMediaRightsResponse(media=messages.media(kept, self.standard))

    async def RetouchMedia(self, request: pb.RetouchMediaRequest, context: Any) -> pb.RetouchMediaResponse:
        """Makes a new picture out of one."""
        kept, again = await self.library.retouch(request.id, list(request.operations), request.by, request.merchant_id)
        return pb.RetouchMediaResponse(media=messages.media(kept, self.standard), replayed=again)
