declare module 'svg-to-pdfkit' {
  type Options = {
    fontCallback?: (family: string, bold: boolean, italic: boolean) => string
    warningCallback?: (warning: string) => void
  }
  export default function drawSvg(
    document: PDFKit.PDFDocument,
    svg: string,
    x: number,
    y: number,
    options?: Options
  ): void
}
